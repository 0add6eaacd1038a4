import { query, type Transaction } from '@tributary/database'
import type { Account, PostedMovement } from '../domain/books.ts'
import type { FrozenOutcome } from '../domain/status.ts'

/** A movement with what makes it a row. `effectiveAt` is RFC 3339. */
export type Transfer = PostedMovement &
  Readonly<{ id: string; causeId: string; rewardId: string; currency: string; effectiveAt: string }>

/** The answer kept with a cause; `conflict` where the cause keeps the one it has. */
export type AnsweredCause = Readonly<{
  causeId: string
  fingerprint: string
  outcome: FrozenOutcome | 'conflict'
  reason: string | null
  /** How many of the batch's transfers it led to; they follow one another in the order of the causes. */
  posted: number
}>

export type Batch = Readonly<{
  opened: readonly Account[]
  answered: readonly AnsweredCause[]
  transfers: readonly Transfer[]
}>

/** Writes a batch through the one function that may; answers the instant it was posted at, RFC 3339 with microseconds. */
export async function postBatch(tx: Transaction, { opened, answered, transfers }: Batch): Promise<string> {
  const [row] = await query<{ posted_at: string }>(
    tx,
    `select to_char(post_batch(?::bigint[], ?::text[], ?::uuid[], ?::text[], ?::text[],
       ?::uuid[], ?::bytea[], ?::text[], ?::text[], ?::int[], ?::int[],
       ?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::uuid[], ?::timestamptz[])
       at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as posted_at`,
    [
      opened.map(({ id }) => id),
      opened.map(({ kind }) => kind),
      opened.map(({ userId }) => userId),
      opened.map(() => null),
      opened.map(({ currency }) => currency),
      answered.map(({ causeId }) => causeId),
      answered.map(({ fingerprint }) => `\\x${fingerprint}`),
      answered.map(({ outcome }) => outcome),
      answered.map(({ reason }) => reason),
      countsBefore(answered),
      answered.map(({ posted }) => posted),
      transfers.map(({ id }) => id),
      transfers.map(({ causeId }) => causeId),
      transfers.map(({ kind }) => kind),
      transfers.map(({ debitAccount }) => debitAccount),
      transfers.map(({ creditAccount }) => creditAccount),
      transfers.map(({ amount }) => amount),
      transfers.map(({ currency }) => currency),
      transfers.map(({ rewardId }) => rewardId),
      transfers.map(({ effectiveAt }) => effectiveAt),
    ],
  )
  return row!.posted_at
}

function countsBefore(answered: readonly AnsweredCause[]): number[] {
  let before = 0
  return answered.map(({ posted }) => {
    before += posted
    return before - posted
  })
}
