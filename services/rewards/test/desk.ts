import type { Envelope, EventDefinition } from '@tributary/contracts'
import {
  customEvent,
  isOfKind,
  paymentDisputed,
  paymentRefunded,
  screeningFailed,
  screeningHeld,
  screeningPassed,
  subscriptionCancelled,
  subscriptionPaid,
  transferRefused,
  userRegistered,
} from '@tributary/contracts'
import { type Database, openDatabase, query, type Transaction } from '@tributary/database'
import { newPublisher, type Outcome } from '@tributary/messaging'
import { defer, type TestDatabase, tellPlan, testDatabase } from '@tributary/testing'
import { v7 } from 'uuid'
import { rewards } from '../src/app.ts'
import type { AttributionTerms } from '../src/domain/attribution.ts'
import { countsWhatWas, type RuleDefinition } from '../src/store/rules.ts'

/** What was published, as the outbox holds it. */
export type Said = Readonly<{
  type: string
  correlationId: string
  causationId: string
  time: Date
  data: Record<string, unknown>
}>

export type Desk = Readonly<{
  database: TestDatabase
  /** Connected as the service. */
  db: Database
  now(): Date
  setNow(now: Date): void
  /** Hands a batch to its handlers, type by type, in one transaction as the messaging library does; answers the outcomes. */
  handle(...events: Envelope[]): Promise<Outcome[]>
  /** The same inside a transaction of the caller's, with a pause before the commit. */
  handleIn(tx: Transaction, ...events: Envelope[]): Promise<Outcome[]>
  /** Runs a job's step. */
  work(job: string): Promise<boolean>
  said(type?: string): Promise<Said[]>
  rows<Row = Record<string, unknown>>(sql: string, ...bindings: unknown[]): Promise<Row[]>
}>

/** The service's handlers and jobs on a real database, without a broker. */
export async function openDesk(given?: TestDatabase): Promise<Desk> {
  const database = given ?? (await testDatabase('rewards'))
  // As a local stack is: everything can be tried.
  if (given === undefined) await tellPlan(database, 'enterprise')
  const db = openDatabase({ url: database.url, applicationName: 'tests', poolMax: 8 })
  defer(() => db.destroy())
  const service = rewards({ REWARDS_RELEASE_EVERY_MS: 1_000 })
  let now = new Date('2026-06-01T12:00:00Z')
  const context = () => ({ now, newId: () => v7() })

  const handleIn = async (tx: Transaction, ...events: Envelope[]) => {
    const publisher = newPublisher('rewards', context())
    const outcomes: Outcome[] = []
    for (const consumer of service.consumes) {
      const mine = [...events.keys()].filter((at) => isOfKind(events[at]!.type, consumer.event.type))
      if (mine.length === 0) continue
      const batch = mine.map((at) => events[at]!)
      const answers = await consumer.handle(tx, batch, publisher.publish, context(), events)
      for (const [index, at] of mine.entries()) outcomes[at] = answers[index]!
    }
    await publisher.flush(tx)
    return outcomes
  }
  return {
    database,
    db,
    now: () => now,
    setNow: (next) => {
      now = next
    },
    handleIn,
    handle: (...events) => db.transaction((tx) => handleIn(tx, ...events)),
    work: (name) =>
      service.jobs
        .find((job) => job.name === name)!
        .run({
          ...({ db, service: 'rewards', log: null, signal: new AbortController().signal } as never as object),
          now: () => now,
          newId: () => v7(),
          transaction: (
            run: (tx: Transaction, publish: ReturnType<typeof newPublisher>['publish']) => Promise<unknown>,
          ) =>
            db.transaction(async (tx) => {
              const publisher = newPublisher('rewards', context())
              const result = await run(tx, publisher.publish)
              await publisher.flush(tx)
              return result
            }),
        } as never),
    async said(type = '%') {
      const rows = await query<Omit<Said, 'data'> & { payload: string }>(
        database.db,
        `select type, correlation_id as "correlationId", causation_id as "causationId", time, payload from outbox
         where type like ? order by seq`,
        [type],
      )
      return rows.map(({ payload, ...rest }) => ({ ...rest, data: JSON.parse(payload) as Record<string, unknown> }))
    },
    rows: (sql, ...bindings) => query(database.db, sql, bindings),
  }
}

type Times = { at?: string; subject?: string }
type Touches = readonly { code: string; at: string }[]

export function envelope(
  definition: EventDefinition,
  type: string,
  wire: unknown,
  { at, subject = v7() }: Times = {},
): Envelope {
  return {
    messageId: v7(),
    subject,
    type,
    source: 'ingest',
    time: at ?? '2026-05-31T10:00:00Z',
    correlationId: subject,
    causationId: subject,
    traceparent: null,
    data: definition.data.parse(wire),
  }
}

export const registered = (
  externalUserId: string,
  { at, subject, ...told }: Times & { referralCode?: string; touches?: Touches; email?: string; name?: string } = {},
) =>
  envelope(
    userRegistered,
    userRegistered.type,
    { externalUserId, ...told },
    { ...(at === undefined ? {} : { at }), ...(subject === undefined ? {} : { subject }) },
  )

export const paid = (
  externalUserId: string,
  invoiceId: string,
  amount: number,
  { currency = 'USD', subscriptionId = 'sub', ...times }: Times & { currency?: string; subscriptionId?: string } = {},
) =>
  envelope(
    subscriptionPaid,
    subscriptionPaid.type,
    { externalUserId, invoiceId, subscriptionId, amount, currency },
    times,
  )

export const refunded = (
  invoiceId: string,
  refundId: string,
  amount: number,
  { currency = 'USD', ...times }: Times & { currency?: string } = {},
) => envelope(paymentRefunded, paymentRefunded.type, { invoiceId, refundId, amount, currency }, times)

export const disputed = (
  invoiceId: string,
  disputeId: string,
  status: 'opened' | 'won' | 'lost',
  { amount, currency, ...times }: Times & { amount?: number; currency?: string } = {},
) => envelope(paymentDisputed, paymentDisputed.type, { invoiceId, disputeId, status, amount, currency }, times)

export const cancelled = (externalUserId: string, subscriptionId: string, times: Times = {}) =>
  envelope(subscriptionCancelled, subscriptionCancelled.type, { externalUserId, subscriptionId }, times)

export const custom = (type: string, externalUserId: string, rest: object = {}, times: Times = {}) =>
  envelope(customEvent, `custom.${type}`, { externalUserId, ...rest }, times)

const screenings = { passed: screeningPassed, held: screeningHeld, failed: screeningFailed }

export const screened = (rewardId: string, how: keyof typeof screenings, revision = 1) =>
  envelope(
    screenings[how],
    screenings[how].type,
    {
      screeningId: v7(),
      subject: 'reward',
      subjectId: rewardId,
      revision,
      ...(how === 'passed' ? {} : { reason: 'looks_wrong' }),
    },
    {},
  )

export const refusedByLedger = (causeId: string, reason: string) =>
  envelope(transferRefused, transferRefused.type, { causeId, reason })

/** A user with the code `ann`. */
export async function seedReferrer(desk: Desk, code = 'ann'): Promise<string> {
  const id = v7()
  await desk.rows(
    'insert into users (id, external_id, email, created_at) values (?, ?, ?, now())',
    id,
    `referrer-${code}`,
    `${code}@example.com`,
  )
  await desk.rows('insert into referral_codes (code, user_id, created_at) values (?, ?, now())', code, id)
  return id
}

/** Settings of attribution that count since the start of 2026, or since `from`. */
export async function seedSettings(
  desk: Desk,
  {
    model = 'last',
    touchDays = null,
    paymentDays = null,
    from = '2026-01-01',
  }: Partial<AttributionTerms> & { from?: string },
): Promise<void> {
  await desk.rows(
    `insert into attribution_settings (version, model, touch_days, payment_days, active_from, reason, done_by, done_at)
     select coalesce(max(version), 0) + 1, ?, ?::int, ?::int, ?::timestamptz, 'a test', 'test', now() from attribution_settings`,
    model,
    touchDays,
    paymentDays,
    from,
  )
}

/** A rule that counts since the start of 2026; 20 % of payments for the referrer unless said otherwise. */
export async function seedRule(desk: Desk, changes: Record<string, unknown> = {}): Promise<string> {
  const id = v7()
  const definition = {
    name: 'a rule',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 2000 },
    beneficiary: 'referrer',
    holdingDays: 0,
    minimumAmount: null,
    validFrom: null,
    validTo: null,
    attributionDays: null,
    priority: 100,
    stacking: 'all',
    caps: [],
    ...changes,
  }
  await desk.rows(`insert into reward_rules (id, created_at, created_by) values (?, now(), 'test')`, id)
  await desk.rows(
    `insert into rule_versions (rule_id, version, event_type, definition, counts, state, created_at, created_by, active_from)
     values (?, 1, ?, ?::jsonb, ?, 'active', now(), 'test', '2026-01-01')`,
    id,
    definition.eventType,
    JSON.stringify(definition),
    countsWhatWas(definition as RuleDefinition),
  )
  return id
}

/** What rewards and their movements say, without ids: for comparing end states. */
export async function endState(desk: Desk): Promise<unknown> {
  return await desk.rows(
    `select rewards.cause, beneficiary, granted::int, reversed::int, screening, released_at is not null as released,
       array(select unnest(holds) order by 1) as holds,
       (select coalesce(sum(case kind when 'earned' then amount when 'reversed' then -amount else 0 end), 0)::int
        from reward_transactions where reward_id = rewards.id) as moved
     from rewards order by cause, beneficiary`,
  )
}
