import { type Database, query, type Transaction } from '@tributary/database'
import { z } from 'zod'
import type { Occasion } from '../domain/requirement.ts'

/** An event that rules were asked about, and what its rewards are for. */
export type NewOccasion = Readonly<{ eventId: string; cause: string; occasion: Occasion }>

/** What was taken back of a capped reward: its place under its caps is free again, for events asked about after it. */
export type CapacityReturn = Readonly<{
  eventId: string
  cause: string
  ruleId: string
  beneficiary: string
  amount: bigint
  granted: bigint
  remaining: bigint
  at: Date
}>

const columns = 'kind, event_id, type, happened_at, cause, seen, recorded_at'
const rowsOf = 'unnest(?::uuid[], ?::text[], ?::timestamptz[], ?::text[], ?::jsonb[]) with ordinality'

/** Keeps what rules were asked about, in this order. */
export async function insertOccasions(tx: Transaction, occasions: readonly NewOccasion[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into occasions (${columns})
     select 'asked', event_id, type, happened_at, cause, seen, ?::timestamptz
     from ${rowsOf} as new (event_id, type, happened_at, cause, seen, place) order by place`,
    [
      now,
      occasions.map((one) => one.eventId),
      occasions.map((one) => one.occasion.type),
      occasions.map((one) => new Date(one.occasion.timeMs)),
      occasions.map((one) => one.cause),
      occasions.map((one) => JSON.stringify(seenOf(one.occasion))),
    ],
  )
}

export async function insertReturns(tx: Transaction, returns: readonly CapacityReturn[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into occasions (${columns})
     select 'returned', event_id, '', happened_at, cause, seen, ?::timestamptz
     from unnest(?::uuid[], ?::timestamptz[], ?::text[], ?::jsonb[]) with ordinality
       as new (event_id, happened_at, cause, seen, place) order by place`,
    [
      now,
      returns.map((one) => one.eventId),
      returns.map((one) => one.at),
      returns.map((one) => one.cause),
      returns.map(({ ruleId, beneficiary, amount, granted, remaining }) =>
        JSON.stringify({
          ruleId,
          beneficiary,
          amount: Number(amount),
          granted: Number(granted),
          remaining: Number(remaining),
        }),
      ),
    ],
  )
}

const whole = z.int().min(0)
const seenShape = z.object({
  amount: whole.nullable(),
  currency: z.string().nullable(),
  referral: z.object({ id: z.string(), referrerId: z.string(), refereeId: z.string() }),
  attributedMs: z.int(),
  conversions: whole,
  converts: z.boolean(),
  invoice: z
    .object({ id: z.string(), subscriptionId: z.string(), period: z.int(), cancelledMs: z.int().nullable() })
    .nullable(),
  data: z.record(z.string(), z.unknown()),
})
const returnedShape = z.object({
  ruleId: z.string(),
  beneficiary: z.string(),
  amount: whole,
  granted: z.int().min(1),
  remaining: whole,
})

type Seen = z.output<typeof seenShape>

function seenOf({ amount, currency, referral, attributedMs, conversions, converts, invoice, data }: Occasion): Seen {
  const number = amount === null ? null : Number(amount)
  return { amount: number, currency, referral, attributedMs, conversions, converts, invoice, data }
}

export type StoredOccasion =
  | Readonly<{ kind: 'asked'; seq: bigint; eventId: string; cause: string; occasion: Occasion }>
  | Readonly<{ kind: 'returned'; seq: bigint; returned: Omit<CapacityReturn, 'eventId' | 'at'> }>
  /** It was written by hand, or damaged. */
  | Readonly<{ kind: 'unreadable'; seq: bigint; type: string }>

type Row = Readonly<{
  kind: 'asked' | 'returned'
  seq: bigint
  event_id: string
  type: string
  happened_at: Date
  cause: string
  seen: unknown
}>

/** The next ones after `after`, at most `max`, in the order in which rules were asked; null types for all. */
export async function listOccasions(
  db: Database | Transaction,
  { after, upTo, max }: Readonly<{ after: bigint; upTo: bigint; max: number }>,
): Promise<StoredOccasion[]> {
  const rows = await query<Row>(
    db,
    `select kind, seq, event_id, type, happened_at, cause, seen from occasions
     where seq > ? and seq <= ? order by seq limit ?`,
    [after, upTo, max],
  )
  return rows.map(toStored)
}

function toStored({ kind, seq, event_id: eventId, type, happened_at: at, cause, seen }: Row): StoredOccasion {
  if (kind === 'returned') {
    const read = returnedShape.safeParse(seen)
    if (!read.success) return { kind: 'unreadable', seq, type }
    const { ruleId, beneficiary, amount, granted, remaining } = read.data
    const money = { amount: BigInt(amount), granted: BigInt(granted), remaining: BigInt(remaining) }
    return { kind, seq, returned: { cause, ruleId, beneficiary, ...money } }
  }
  const read = seenShape.safeParse(seen)
  if (!read.success) return { kind: 'unreadable', seq, type }
  const { amount, ...rest } = read.data
  const occasion = { ...rest, type, timeMs: at.getTime(), amount: amount === null ? null : BigInt(amount) }
  return { kind, seq, eventId, cause, occasion }
}

/** Where in that order the events of a period lie, and how many were asked about up to there; null where there are none. */
export async function findOccasionRange(
  db: Database | Transaction,
  { from, to }: Readonly<{ from: Date; to: Date }>,
): Promise<{ first: bigint; last: bigint } | null> {
  const [row] = await query<{ first: bigint | null; last: bigint | null }>(
    db,
    `select min(seq) as first, max(seq) as last from occasions
     where kind = 'asked' and happened_at >= ? and happened_at < ?`,
    [from, to],
  )
  return row?.first == null || row.last == null ? null : { first: row.first, last: row.last }
}
