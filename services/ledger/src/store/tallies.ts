import { query, type Transaction } from '@tributary/database'

/** What a source said of a day. */
export type Tally = Readonly<{
  id: string
  /** `YYYY-MM-DD`, UTC. */
  day: string
  lines: readonly Readonly<{ kind: string; currency: string; count: number; amount: bigint }>[]
}>

export type TallySource = 'rewards' | 'payouts'

/** The ids of the tallies known of some days. */
export async function findTallies(
  tx: Transaction,
  source: TallySource,
  days: readonly string[],
): Promise<Map<string, string>> {
  const rows = await query<{ day: string; id: string }>(
    tx,
    `select to_char(day, 'YYYY-MM-DD') as day, id from tallies where source = ? and day = any(?::date[])`,
    [source, days],
  )
  return new Map(rows.map(({ day, id }) => [day, id]))
}

/** Keeps tallies; of a kind and currency that takes several lines, their sum. */
export async function insertTallies(
  tx: Transaction,
  source: TallySource,
  tallies: readonly Tally[],
  heardAt: Date,
): Promise<void> {
  await query(
    tx,
    `insert into tallies (source, day, id, heard_at) select ?, day, id, ?::timestamptz from unnest(?::date[], ?::uuid[]) as t (day, id)`,
    [source, heardAt, tallies.map(({ day }) => day), tallies.map(({ id }) => id)],
  )
  const lines = tallies.flatMap(({ day, lines: of }) => of.map((line) => ({ ...line, day })))
  await query(
    tx,
    `insert into tally_lines (source, day, kind, currency, count, amount)
     select ?, day, kind, currency, sum(count), sum(amount)
     from unnest(?::date[], ?::text[], ?::text[], ?::bigint[], ?::bigint[]) as l (day, kind, currency, count, amount)
     group by day, kind, currency`,
    [
      source,
      lines.map(({ day }) => day),
      lines.map(({ kind }) => kind),
      lines.map(({ currency }) => currency),
      lines.map(({ count }) => count),
      lines.map(({ amount }) => amount),
    ],
  )
}
