import { query, type Transaction } from '@tributary/database'
import type { Account, PostedMovement } from '../domain/books.ts'
import type { HoldChange } from '../domain/posting.ts'
import type { Content } from '../domain/request.ts'
import type { FrozenOutcome } from '../domain/status.ts'

/** A movement with what makes it a row. `effectiveAt` is RFC 3339. */
export type Transfer = PostedMovement &
  Readonly<{
    id: string
    causeId: string
    rewardId: string | null
    cashoutId: string | null
    currency: string
    effectiveAt: string
  }>

/** The answer kept with a cause and what it asked; `conflict` where the cause keeps the answer it has. */
export type AnsweredCause = Readonly<{
  causeId: string
  fingerprint: string
  outcome: FrozenOutcome | 'conflict'
  reason: string | null
  asked: Content
  /** How many of the batch's transfers it led to; they follow one another in the order of the causes. */
  posted: number
}>

export type Batch = Readonly<{
  opened: readonly Account[]
  answered: readonly AnsweredCause[]
  transfers: readonly Transfer[]
  /** How rewards stand from now on; the last one counts. */
  holds: readonly HoldChange[]
}>

/** Writes a batch through the one function that may; answers the instant it was posted at, RFC 3339 with microseconds. */
export async function postBatch(tx: Transaction, { opened, answered, transfers, holds }: Batch): Promise<string> {
  const lastHolds = [...new Map(holds.map((hold) => [hold.rewardId, hold])).values()]
  const [row] = await query<{ posted_at: string }>(
    tx,
    `select to_char(post_batch(?::bigint[], ?::text[], ?::uuid[], ?::text[], ?::text[],
       ?::uuid[], ?::bytea[], ?::text[], ?::text[], ?::int[], ?::int[],
       ?::text[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::text[],
       ?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::uuid[], ?::uuid[], ?::timestamptz[],
       ?::uuid[], ?::int[], ?::boolean[])
       at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as posted_at`,
    [
      opened.map(({ id }) => id),
      opened.map(({ kind }) => kind),
      opened.map(({ userId }) => userId),
      opened.map(({ provider }) => provider),
      opened.map(({ currency }) => currency),
      answered.map(({ causeId }) => causeId),
      answered.map(({ fingerprint }) => `\\x${fingerprint}`),
      answered.map(({ outcome }) => outcome),
      answered.map(({ reason }) => reason),
      countsBefore(answered),
      answered.map(({ posted }) => posted),
      ...columnsOf(answered.map(({ asked }) => asked)),
      transfers.map(({ id }) => id),
      transfers.map(({ causeId }) => causeId),
      transfers.map(({ kind }) => kind),
      transfers.map(({ debitAccount }) => debitAccount),
      transfers.map(({ creditAccount }) => creditAccount),
      transfers.map(({ amount }) => amount),
      transfers.map(({ currency }) => currency),
      transfers.map(({ rewardId }) => rewardId),
      transfers.map(({ cashoutId }) => cashoutId),
      transfers.map(({ effectiveAt }) => effectiveAt),
      lastHolds.map(({ rewardId }) => rewardId),
      lastHolds.map(({ sequence }) => sequence),
      lastHolds.map(({ isHeld }) => isHeld),
    ],
  )
  return row!.posted_at
}

function columnsOf(asked: readonly Content[]) {
  return [
    asked.map(({ kind }) => kind),
    asked.map(({ subjectId }) => subjectId),
    asked.map(({ userId }) => userId),
    asked.map(({ amount }) => amount),
    asked.map(({ currency }) => currency),
    asked.map(({ detail }) => detail),
  ]
}

function countsBefore(answered: readonly AnsweredCause[]): number[] {
  let before = 0
  return answered.map(({ posted }) => {
    before += posted
    return before - posted
  })
}
