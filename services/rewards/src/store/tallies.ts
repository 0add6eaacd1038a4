import { query, type Transaction } from '@tributary/database'
import type { TallyLine } from '../domain/tally.ts'

export type Tally = Readonly<{ id: string; day: string; lines: readonly TallyLine[] }>

/** A day may have millions of transactions; nothing is written before they are counted, so nobody waits for it. */
const COUNT_TIMEOUT_MS = 120_000

/**
 * Tallies the day after the last tallied one, if it ended before `closedBy`; null where there is none left, or another
 * process has just done it. Days follow one another without gaps from that of the first transaction, or from yesterday.
 */
export async function tallyNextDay(
  tx: Transaction,
  { id, closedBy, now }: Readonly<{ id: string; closedBy: Date; now: Date }>,
): Promise<Tally | null> {
  await tx.raw(`set local statement_timeout = ${COUNT_TIMEOUT_MS}`)
  const [row] = await query<{ day: string; lines: StoredLine[] }>(
    tx,
    `insert into tallies (day, id, tallied_at, lines)
     select next.day, ?::uuid, ?::timestamptz, coalesce((
       select jsonb_agg(jsonb_build_object('kind', kind, 'currency', currency, 'count', count, 'amount', amount::text)
         order by kind, currency)
       from (
         select t.kind, r.currency, count(*) as count, sum(t.amount) as amount
         from reward_transactions t join rewards r on r.id = t.reward_id
         where t.id >= partition_bound('uuid-day', next.day::timestamp)::uuid
           and t.id < partition_bound('uuid-day', next.day::timestamp + interval '1 day')::uuid
         group by t.kind, r.currency
       ) counted
     ), '[]')
     from (
       select coalesce((select max(day) + 1 from tallies), (select day_of_uuid(min(id::text)::uuid) from reward_transactions),
         last.day) as day, last.day as last_closed
       from (select (?::timestamptz at time zone 'utc')::date - 1 as day) last
     ) next
     where next.day <= next.last_closed
     on conflict do nothing
     returning to_char(day, 'YYYY-MM-DD') as day, lines`,
    [id, now, closedBy],
  )
  if (row === undefined) return null
  return { id, day: row.day, lines: row.lines.map((line) => ({ ...line, amount: BigInt(line.amount) })) }
}

type StoredLine = Omit<TallyLine, 'amount'> & Readonly<{ amount: string }>
