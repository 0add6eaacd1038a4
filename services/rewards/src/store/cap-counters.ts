import { type Database, query, type Transaction } from '@tributary/database'
import { type CapKey, type CapSpending, type CapUse, textOf } from '../domain/cap.ts'

const keyRows = 'unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::timestamptz[])'
const keyColumns = 'rule_id, per, every, subject, period_start'

const keyBindings = (keys: readonly CapKey[]) => [
  keys.map((key) => key.ruleId),
  keys.map((key) => key.per),
  keys.map((key) => key.interval),
  keys.map((key) => key.subject),
  keys.map((key) => new Date(key.periodStartMs)),
]

/** What was given under these counters, by their text; one that nobody spent under is missing. */
export async function listCapUses(tx: Database | Transaction, keys: readonly CapKey[]): Promise<Map<string, CapUse>> {
  if (keys.length === 0) return new Map()
  const rows = await query<{
    rule_id: string
    per: CapKey['per']
    every: CapKey['interval']
    subject: string
    period_start: Date
    used_amount: bigint
    used_count: number
  }>(
    tx,
    `select ${keyColumns}, used_amount, used_count
     from cap_counters join ${keyRows} as asked (${keyColumns}) using (${keyColumns})`,
    keyBindings(keys),
  )
  return new Map(
    rows.map((row) => {
      const { rule_id: ruleId, per, every: interval, subject, period_start: start } = row
      const key = textOf({ ruleId, per, interval, subject, periodStartMs: start.getTime() })
      return [key, { amount: row.used_amount, count: row.used_count }]
    }),
  )
}

/** Adds what was given. The database refuses more than a cap allows. */
export async function spendCaps(tx: Transaction, spendings: readonly CapSpending[]): Promise<void> {
  const sums = new Map<string, CapSpending>()
  for (const spending of spendings) {
    const text = textOf(spending.key)
    const before = sums.get(text)?.use
    const { amount, count } = spending.use
    // The bounds of the last: it was decided with all before it in view.
    sums.set(text, {
      ...spending,
      use: { amount: amount + (before?.amount ?? 0n), count: count + (before?.count ?? 0) },
    })
  }
  const sorted = [...sums.values()]
  await query(
    tx,
    `insert into cap_counters (${keyColumns}, used_amount, used_count, cap_amount, cap_count)
     select * from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::bigint[], ?::int[],
       ?::bigint[], ?::int[]) as new (${keyColumns}, used_amount, used_count, cap_amount, cap_count)
     order by ${keyColumns}
     on conflict on constraint cap_counters_one_per_period do update
     set used_amount = cap_counters.used_amount + excluded.used_amount,
       used_count = cap_counters.used_count + excluded.used_count,
       cap_amount = excluded.cap_amount, cap_count = excluded.cap_count`,
    [
      ...keyBindings(sorted.map(({ key }) => key)),
      sorted.map(({ use }) => use.amount),
      sorted.map(({ use }) => use.count),
      sorted.map(({ capAmount }) => capAmount),
      sorted.map(({ capCount }) => capCount),
    ],
  )
}

/** Takes back what was given, for later events to be given; never below nothing. */
export async function returnToCaps(tx: Transaction, returns: readonly { key: CapKey; use: CapUse }[]): Promise<void> {
  if (returns.length === 0) return
  await query(
    tx,
    `with given as (
       select ${keyColumns}, sum(amount)::bigint as amount, sum(count)::int as count
       from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::timestamptz[], ?::bigint[], ?::int[])
         as one (${keyColumns}, amount, count)
       group by ${keyColumns}
     ), locked as (
       select ${keyColumns}, amount, count from cap_counters join given using (${keyColumns})
       order by ${keyColumns} for no key update of cap_counters
     )
     update cap_counters c
     set used_amount = greatest(0, c.used_amount - locked.amount), used_count = greatest(0, c.used_count - locked.count)
     from locked
     where (c.rule_id, c.per, c.every, c.subject, c.period_start)
       = (locked.rule_id, locked.per, locked.every, locked.subject, locked.period_start)`,
    [
      ...keyBindings(returns.map(({ key }) => key)),
      returns.map(({ use }) => use.amount),
      returns.map(({ use }) => use.count),
    ],
  )
}

/**
 * Waits until no other transaction is deciding what depends on what was given or counted before, and keeps others from
 * it until this one ends. Taken before any other lock, so that it can be part of no deadlock; not taken at all where no
 * rule counts anything for events from `since` on.
 */
export async function takeTurn(tx: Transaction, since: Date | null): Promise<void> {
  await query(
    tx,
    `select pg_advisory_xact_lock(hashtextextended('rules that count', 0)) from (
       select from rule_versions
       where counts and (
         (state <> 'draft' and (active_to is null or ?::timestamptz is null or active_to > ?::timestamptz))
         or (rule_id, version) in (select rule_id, version from rule_trials))
       limit 1) one`,
    [since, since],
  )
}
