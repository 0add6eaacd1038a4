import { type Database, query, type Transaction } from '@tributary/database'
import type { LineType, UnmatchedReason } from '../domain/settlement.ts'
import { standingOfLine } from './settlement-standings.ts'

/** Of some waiting lines, those that are to be judged again; `last` is where the look ended, null when there are no more. */
export type DueLines = Readonly<{ due: readonly string[]; last: string | null }>

/** Looks at up to `limit` waiting lines after a place: is what they were judged by still what it was? */
export async function findDueLines(db: Database, after: string | null, limit: number): Promise<DueLines> {
  const rows = await query<{ id: string; is_due: boolean }>(
    db,
    `select u.line_id as id, standing.seen <> u.seen as is_due
     from (select * from unmatched_settlements where ?::uuid is null or line_id > ? order by line_id limit ?::int) u
     join settlement_lines l on l.id = u.line_id ${standingOfLine} order by u.line_id`,
    [after, after, limit],
  )
  return {
    due: rows.filter((row) => row.is_due).map(({ id }) => id),
    last: rows.length === limit ? rows.at(-1)!.id : null,
  }
}

export type UnmatchedLine = Readonly<{
  id: string
  provider: string
  lineId: string
  type: LineType
  reference: string
  amount: bigint
  currency: string
  fee: bigint
  settledAt: Date
  receivedAt: Date
  reason: UnmatchedReason
}>

/** Lines that wait, oldest first. */
export function listUnmatched(
  db: Database,
  { provider, reason }: Readonly<{ provider: string | undefined; reason: UnmatchedReason | undefined }>,
  after: string | null,
  limit: number,
): Promise<UnmatchedLine[]> {
  return query(
    db,
    `select l.id, l.provider, l.line_id as "lineId", l.type, l.reference, l.amount, l.currency, l.fee,
       l.settled_at as "settledAt", l.received_at as "receivedAt", u.reason
     from unmatched_settlements u join settlement_lines l on l.id = u.line_id
     where (?::uuid is null or u.line_id > ?) and (?::text is null or u.provider = ?) and (?::text is null or u.reason = ?)
     order by u.line_id limit ?::int`,
    [after, after, provider ?? null, provider ?? null, reason ?? null, reason ?? null, limit],
  )
}

export type Outstanding = Readonly<{
  cashoutId: string
  type: 'payout' | 'refund'
  provider: string
  userId: string
  amount: bigint
  currency: string
  since: string
}>
export type OutstandingPlace = Readonly<{ since: string; cashoutId: string; type: string }>

/** What providers have paid, or got back, and not settled, oldest first. */
export function listOutstanding(
  db: Database,
  { provider }: Readonly<{ provider: string | undefined }>,
  after: OutstandingPlace | null,
  limit: number,
): Promise<Outstanding[]> {
  return query(
    db,
    `select o.cashout_id as "cashoutId", o.type, o.provider, p.user_id as "userId", p.reserved as amount, p.currency,
       to_char(o.since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since
     from outstanding_settlements o join cashout_positions p on p.cashout_id = o.cashout_id
     where (?::timestamptz is null or (o.since, o.cashout_id, o.type) > (?::timestamptz, ?::uuid, ?::text))
       and (?::text is null or o.provider = ?)
     order by o.since, o.cashout_id, o.type limit ?::int`,
    [
      after?.since ?? null,
      after?.since ?? null,
      after?.cashoutId ?? null,
      after?.type ?? null,
      provider ?? null,
      provider ?? null,
      limit,
    ],
  )
}

export type Expected = Readonly<{ cashoutId: string; provider: string; reference: string | null; since: string }>

/** Notes what a provider has to settle from now on, and by which name it may call it. */
export async function expectSettlements(
  tx: Transaction,
  type: 'payout' | 'refund',
  expected: readonly Expected[],
): Promise<void> {
  const bound = [
    expected.map(({ cashoutId }) => cashoutId),
    expected.map(({ provider }) => provider),
    expected.map(({ since }) => since),
    expected.map(({ reference }) => reference),
  ]
  await query(
    tx,
    `with expected as (
       select * from unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::text[]) as e (cashout_id, provider, since, reference)
     ), named as (
       insert into provider_references (provider, reference, cashout_id)
       select provider, reference, cashout_id from expected where reference is not null
       on conflict do nothing
     )
     insert into outstanding_settlements (cashout_id, type, provider, since)
     select cashout_id, ?, provider, since from expected`,
    [...bound, type],
  )
}

/** How many lines wait for each reason, how many cashouts for their provider, and how long the oldest has. */
export type QueueSizes = Readonly<{
  unmatched: ReadonlyMap<string, number>
  oldestUnmatchedSeconds: number
  outstanding: ReadonlyMap<string, number>
  oldestOutstandingSeconds: number
}>

export async function measureQueues(db: Database): Promise<QueueSizes> {
  const rows = await query<{ queue: string; name: string; waiting: bigint; seconds: number }>(
    db,
    `select queue, name, count(*) as waiting, greatest(extract(epoch from now() - min(since)), 0)::float8 as seconds
     from (
       select 'unmatched' as queue, u.reason as name, l.received_at as since
       from unmatched_settlements u join settlement_lines l on l.id = u.line_id
       union all
       select 'outstanding', type, since from outstanding_settlements
     ) waiting group by queue, name`,
  )
  const of = (queue: string) => rows.filter((row) => row.queue === queue)
  const sizes = (queue: string) => new Map(of(queue).map(({ name, waiting }) => [name, Number(waiting)]))
  const oldest = (queue: string) => Math.max(0, ...of(queue).map(({ seconds }) => seconds))
  return {
    unmatched: sizes('unmatched'),
    oldestUnmatchedSeconds: oldest('unmatched'),
    outstanding: sizes('outstanding'),
    oldestOutstandingSeconds: oldest('outstanding'),
  }
}
