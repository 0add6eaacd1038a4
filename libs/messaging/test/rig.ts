import { randomUUID } from 'node:crypto'
import { rewardEarned, type ServiceName } from '@tributary/contracts'
import { inTransaction, openDatabase, query, type Transaction } from '@tributary/database'
import { newLogger, newMetrics } from '@tributary/observability'
import { defer, type TestBroker, type TestDatabase, testDatabase } from '@tributary/testing'
import { v7 } from 'uuid'
import {
  type Consumer,
  consume,
  done,
  type Messaging,
  type MessagingOptions,
  newPublisher,
  type Outcome,
  startMessaging,
} from '../src/index.ts'

/** One service's messaging with its database; the rest of a service is left out. */
export type Rig = Readonly<{
  messaging: Messaging
  database: TestDatabase
  /** Commits rewards with these causes through the outbox, in one transaction; answers their event ids. */
  say(causes: readonly string[], meanwhile?: (tx: Transaction) => Promise<void>): Promise<string[]>
}>

type RigOptions = Partial<MessagingOptions> & { database?: TestDatabase; databaseUrl?: string }

export async function startRig(
  service: ServiceName,
  broker: TestBroker,
  consumes: readonly Consumer[] = [],
  { database: given, databaseUrl, ...changes }: RigOptions = {},
): Promise<Rig> {
  const database = given ?? (await testDatabase(service))
  const db = openDatabase({ url: databaseUrl ?? database.url, applicationName: 'rig', poolMax: 4 })
  const messaging = startMessaging({
    service,
    amqpUrl: broker.urls[service],
    db,
    directUrl: databaseUrl ?? database.url,
    consumes,
    streams: [],
    batchMax: 200,
    prefetch: 400,
    relayBatchMax: 500,
    metrics: newMetrics(service),
    log: newLogger(service, (process.env.TEST_LOG ?? 'silent') as 'silent'),
    now: () => new Date(),
    newId: () => v7(),
    ...changes,
  })
  defer(async () => {
    await messaging.stop()
    await db.destroy()
  })
  const say: Rig['say'] = async (causes, meanwhile = async () => {}) => {
    const rewards = causes.map(earned)
    await inTransaction(db, async (tx) => {
      const publisher = newPublisher(service, { now: new Date(), newId: () => v7() })
      for (const { data, subject } of rewards) {
        publisher.publish(rewardEarned, { data, subject, because: { correlationId: subject, subject } })
      }
      await publisher.flush(tx)
      await meanwhile(tx)
    })
    messaging.wake()
    return rewards.map(({ subject }) => subject)
  }
  return { messaging, database, say }
}

export function earned(cause: string) {
  return {
    subject: v7(),
    data: {
      rewardId: v7(),
      transactionId: v7(),
      userId: v7(),
      amount: 100n,
      currency: 'USD' as const,
      beneficiary: 'referrer' as const,
      ruleId: v7(),
      ruleVersion: 1,
      cause,
      dueAt: '2026-01-01T00:00:00.000Z',
    },
  }
}

/** Writes one row for each event it handles; a second one for the same event is what these tests look for. */
export const recording = (
  decide: (cause: string) => Outcome = done,
  onSave: (causes: readonly string[]) => Promise<void> | void = () => {},
): Consumer =>
  consume(rewardEarned, {
    load: async () => null,
    decide: (state, event) => [{ outcome: decide(event.data.cause) }, state],
    async save(tx, decided) {
      const subjects = decided.map(({ event }) => event.subject)
      await query(tx, 'insert into handled select unnest(?::uuid[])', [subjects])
      await onSave(decided.map(({ event }) => event.data.cause))
    },
  })

/** A database of the service with the table that `recording` writes. */
export async function recordingDatabase(service: ServiceName): Promise<TestDatabase> {
  const database = await testDatabase(service)
  await query(database.db, 'create table handled (subject uuid not null)')
  await query(database.db, 'grant insert, select on handled to public')
  return database
}

/** How often each event was handled, and which ones. */
export async function handled({ db }: TestDatabase): Promise<{ times: number; subjects: Set<string> }> {
  const rows = await query<{ subject: string }>(db, 'select subject from handled')
  return { times: rows.length, subjects: new Set(rows.map((row) => row.subject)) }
}

export async function parked({ db }: TestDatabase) {
  return query<{ id: string; reason: string; attempts: number; status: string; type: string }>(
    db,
    'select id, reason, attempts, status, type from parked_messages order by parked_at, id',
  )
}

/** A message as its publisher would send it, for tests that send it themselves. */
export function message(changes: { messageId?: string; subject?: string; headers?: Record<string, unknown> } = {}) {
  const { messageId = v7(), subject = randomUUID() } = changes
  return {
    messageId,
    type: 'reward.earned',
    persistent: true,
    headers: {
      cloudEvents_specversion: '1.0',
      cloudEvents_id: messageId,
      cloudEvents_source: '/tributary/rewards',
      cloudEvents_type: 'reward.earned',
      cloudEvents_time: '2026-01-01T00:00:00.000Z',
      cloudEvents_subject: subject,
      correlationid: subject,
      causationid: subject,
      ...changes.headers,
    },
  }
}

/** What that message carries. */
export function payload(cause: string): Buffer {
  const { data } = earned(cause)
  return Buffer.from(JSON.stringify({ ...data, amount: Number(data.amount) }))
}
