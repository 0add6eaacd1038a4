/** The end of a batch: what the next one builds on. Instants are RFC 3339, or PostgreSQL's infinities. */
export type ChainPlace = Readonly<{
  batch: bigint
  postedAt: string
  /** In hex. */
  hash: string
  lastTransfer: bigint
  lastAccount: bigint
}>

/** Before the first batch, in hex. */
export const noHash = '00'.repeat(32)

/** Before the first batch. */
export const beginning: ChainPlace = {
  batch: 0n,
  postedAt: '-infinity',
  hash: noHash,
  lastTransfer: 0n,
  lastAccount: 0n,
}

/** What of the history is looked at: all that was posted after a batch, up to an instant. */
export type Range = Readonly<{ after: ChainPlace; upTo: string }>

/** The whole history, also what stands after its end. Where a part was archived, what is kept begins elsewhere: see `findKept`. */
export const everything: Range = { after: beginning, upTo: 'infinity' }

/** What the checks depend on besides the books. */
export type Conditions = Readonly<{
  /** RFC 3339. */
  now: string
  /** Money that is on its way for longer is overdue. */
  clearingMaxAgeDays: number
}>

export type Scope = Conditions & Readonly<{ range: Range }>

/**
 * One thing that makes the books right, as one statement that answers `checked` (how many things were looked at), `broken`,
 * and `examples` (up to five that are broken). What stands in a scope comes from the database or the clock, never from a
 * caller, so it is written into the statement: that way the planner knows how little is asked for.
 */
export type Check = Readonly<{ name: string; sql: (scope: Scope) => string }>

/** Begins a check: counts rows of `id` and `wrong`. */
export const answer = `select count(*) as checked, count(*) filter (where wrong) as broken,
  coalesce((array_agg(id::text order by id::text) filter (where wrong))[1:5], '{}') as examples`

/** Whether a column lies in the range. */
export function within(column: string, { after, upTo }: Range): string {
  return `${column} > '${after.postedAt}'::timestamptz and ${column} <= '${upTo}'::timestamptz`
}

/**
 * A transfer with both its accounts and what it is permitted as; null where there is none. `offset 0` keeps the planner from
 * looking for the movement first: taking it for rare, it then reads all accounts for each transfer.
 */
export const lookedUp = `left join accounts d on d.id = t.debit_account
  left join accounts c on c.id = t.credit_account
  left join lateral (
    select * from permitted_movements m where m.kind = t.kind and m.debit_kind = d.kind and m.credit_kind = c.kind offset 0
  ) m on true`

/** The newest opening of an account, a reward or a cashout that was archived in part; nulls where it was not. */
export const openingOf = (table: string, key: string, value: string): string =>
  `left join lateral (select * from ${table} where ${key} = ${value} order by archive desc limit 1) o on true`

/** What a transfer adds to a column of the position that it moves. */
export const added = (column: string): string =>
  `coalesce(sum(case '${column}' when m.position_to then t.amount when m.position_from then -t.amount end), 0)`
