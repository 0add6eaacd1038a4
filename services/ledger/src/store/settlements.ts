import { type Database, query, type Transaction } from '@tributary/database'
import type { LineType, SettlementLine, UnmatchedReason } from '../domain/settlement.ts'

/** A line with the causes it is posted under, and the SHA-256 of what it says, in hex. */
export type StoredLine = SettlementLine & Readonly<{ id: string; feeCauseId: string | null; fingerprint: string }>

/** How a line stands. */
export type LineState = Readonly<{
  id: string
  status: 'matched' | 'unmatched' | 'dismissed'
  reason: UnmatchedReason | null
  cashoutId: string | null
}>

/** Takes the ledger's lock, held to the end of the transaction: whatever is read after it stays as it is. */
export async function lockLedger(tx: Transaction): Promise<void> {
  await query(tx, 'select lock_ledger()')
}

const state = `l.id, coalesce(c.outcome, 'unmatched') as status, u.reason, c.cashout_id as "cashoutId"`
const stateJoins = `left join settlement_closings c on c.line_id = l.id
  left join unmatched_settlements u on u.line_id = l.id`

/** The lines of a provider that are known under these names, with their fingerprints in hex. */
export function findKnownLines(
  tx: Transaction,
  provider: string,
  lineIds: readonly string[],
): Promise<(LineState & Readonly<{ lineId: string; fingerprint: string }>)[]> {
  return query(
    tx,
    `select l.line_id as "lineId", encode(l.fingerprint, 'hex') as fingerprint, ${state}
     from settlement_lines l ${stateJoins} where l.provider = ? and l.line_id = any(?::text[])`,
    [provider, lineIds],
  )
}

export async function insertLines(
  tx: Transaction,
  lines: readonly StoredLine[],
  received: Readonly<{ at: Date; by: string }>,
): Promise<void> {
  await query(
    tx,
    `insert into settlement_lines (id, provider, line_id, type, reference, amount, currency, fee, fee_cause_id, settled_at,
       fingerprint, received_at, received_by)
     select l.*, ?::timestamptz, ?
     from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[], ?::uuid[],
       ?::timestamptz[], ?::bytea[]) as l`,
    [
      received.at,
      received.by,
      lines.map((line) => line.id),
      lines.map((line) => line.provider),
      lines.map((line) => line.lineId),
      lines.map((line) => line.type),
      lines.map((line) => line.reference),
      lines.map((line) => line.amount),
      lines.map((line) => line.currency),
      lines.map((line) => line.fee),
      lines.map((line) => line.feeCauseId),
      lines.map((line) => line.settledAt),
      lines.map((line) => `\\x${line.fingerprint}`),
    ],
  )
}

export type Closing = Readonly<{
  line: Readonly<{ id: string; type: LineType }>
  outcome: 'matched' | 'dismissed'
  cashoutId: string | null
}>

/** Who closed a line, and why; null for both where its reference did. */
export type ClosedBy = Readonly<{ at: Date; person: string | null; reason: string | null }>

/** Ends lines. They leave the queue by it, and what they settle is no longer outstanding. */
export async function insertClosings(tx: Transaction, closings: readonly Closing[], by: ClosedBy): Promise<void> {
  if (closings.length === 0) return
  await query(
    tx,
    `insert into settlement_closings (line_id, type, outcome, cashout_id, closed_at, closed_by, reason)
     select c.*, ?::timestamptz, ?, ? from unnest(?::uuid[], ?::text[], ?::text[], ?::uuid[]) as c`,
    [
      by.at,
      by.person,
      by.reason,
      closings.map(({ line }) => line.id),
      closings.map(({ line }) => line.type),
      closings.map(({ outcome }) => outcome),
      closings.map(({ cashoutId }) => cashoutId),
    ],
  )
}

export type Waiting = Readonly<{
  line: Readonly<{ id: string; provider: string }>
  reason: UnmatchedReason
  seen: string
}>

/** Puts lines into the queue, or notes of those in it what they were last judged by. */
export async function keepWaiting(tx: Transaction, waiting: readonly Waiting[]): Promise<void> {
  if (waiting.length === 0) return
  await query(
    tx,
    `insert into unmatched_settlements (line_id, provider, reason, seen)
     select * from unnest(?::uuid[], ?::text[], ?::text[], ?::text[])
     on conflict (line_id) do update set reason = excluded.reason, seen = excluded.seen`,
    [
      waiting.map(({ line }) => line.id),
      waiting.map(({ line }) => line.provider),
      waiting.map(({ reason }) => reason),
      waiting.map(({ seen }) => seen),
    ],
  )
}

const stored = `l.id, l.provider, l.line_id as "lineId", l.type, l.reference, l.amount, l.currency, l.fee,
  l.fee_cause_id as "feeCauseId", encode(l.fingerprint, 'hex') as fingerprint,
  to_char(l.settled_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "settledAt"`

/** Those of some lines that still wait, oldest first. */
export function findWaiting(tx: Transaction, ids: readonly string[]): Promise<StoredLine[]> {
  return query(
    tx,
    `select ${stored} from unmatched_settlements u join settlement_lines l on l.id = u.line_id
     where u.line_id = any(?::uuid[]) order by u.line_id`,
    [ids],
  )
}

/** One line as it is shown. */
export type ShownLine = StoredLine &
  LineState &
  Readonly<{
    receivedAt: Date
    receivedBy: string
    closedAt: Date | null
    closedBy: string | null
    closedWhy: string | null
  }>

export async function findLine(db: Database | Transaction, id: string): Promise<ShownLine | null> {
  const [line] = await query<ShownLine>(
    db,
    `select ${stored}, ${state}, l.received_at as "receivedAt", l.received_by as "receivedBy", c.closed_at as "closedAt",
       c.closed_by as "closedBy", c.reason as "closedWhy"
     from settlement_lines l ${stateJoins} where l.id = ?::uuid`,
    [id],
  )
  return line ?? null
}
