import { bigints, hexBytes, instants, ints, preparedQuery, type Transaction, texts, uuids } from '@tributary/database'
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
  const [row] = await preparedQuery<{ posted_at: string }>(
    tx,
    'post_batch',
    `select to_char(post_batch(?::bigint[], ?::text[], ?::uuid[], ?::text[], ?::text[],
       ?::uuid[], ?::bytea[], ?::text[], ?::text[], ?::int[], ?::int[],
       ?::text[], ?::uuid[], ?::uuid[], ?::bigint[], ?::text[], ?::text[],
       ?::uuid[], ?::uuid[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::uuid[], ?::uuid[], ?::timestamptz[],
       ?::uuid[], ?::int[], ?::boolean[])
       at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as posted_at`,
    [
      bigints(opened.map(({ id }) => id)),
      texts(opened.map(({ kind }) => kind)),
      uuids(opened.map(({ userId }) => userId)),
      texts(opened.map(({ provider }) => provider)),
      texts(opened.map(({ currency }) => currency)),
      uuids(answered.map(({ causeId }) => causeId)),
      hexBytes(answered.map(({ fingerprint }) => fingerprint)),
      texts(answered.map(({ outcome }) => outcome)),
      texts(answered.map(({ reason }) => reason)),
      ints(countsBefore(answered)),
      ints(answered.map(({ posted }) => posted)),
      ...columnsOf(answered.map(({ asked }) => asked)),
      uuids(transfers.map(({ id }) => id)),
      uuids(transfers.map(({ causeId }) => causeId)),
      texts(transfers.map(({ kind }) => kind)),
      bigints(transfers.map(({ debitAccount }) => debitAccount)),
      bigints(transfers.map(({ creditAccount }) => creditAccount)),
      bigints(transfers.map(({ amount }) => amount)),
      texts(transfers.map(({ currency }) => currency)),
      uuids(transfers.map(({ rewardId }) => rewardId)),
      uuids(transfers.map(({ cashoutId }) => cashoutId)),
      instants(transfers.map(({ effectiveAt }) => effectiveAt)),
      uuids(lastHolds.map(({ rewardId }) => rewardId)),
      ints(lastHolds.map(({ sequence }) => sequence)),
      lastHolds.map(({ isHeld }) => isHeld),
    ],
  )
  return row!.posted_at
}

function columnsOf(asked: readonly Content[]) {
  return [
    texts(asked.map(({ kind }) => kind)),
    uuids(asked.map(({ subjectId }) => subjectId)),
    uuids(asked.map(({ userId }) => userId)),
    bigints(asked.map(({ amount }) => amount)),
    texts(asked.map(({ currency }) => currency)),
    texts(asked.map(({ detail }) => detail)),
  ]
}

function countsBefore(answered: readonly AnsweredCause[]): number[] {
  let before = 0
  return answered.map(({ posted }) => {
    before += posted
    return before - posted
  })
}
