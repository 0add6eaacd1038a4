import { query, type Transaction } from '@tributary/database'
import type { Found } from './run-checks.ts'

/**
 * Whether each checkpoint says what the chain says at its last batch. The trees need no second look: the chain covers the same
 * transfers, and the signature covers the root.
 */
export async function compareCheckpointsWithChain(tx: Transaction): Promise<Found> {
  const [found] = await query<Found>(
    tx,
    `select count(*) as checked, count(*) filter (where wrong) as broken,
       coalesce((array_agg('checkpoint ' || sequence order by sequence) filter (where wrong))[1:5], '{}') as examples
     from (
       select c.sequence, (
         b.number is null or b.hash <> c.chain_hash or b.last_transfer <> c.last_transfer or b.posted_at <> c.posted_up_to
         or c.transfers <> c.last_transfer - lag(c.last_transfer, 1, 0::bigint) over (order by c.sequence)
       ) as wrong
       from checkpoints c left join batches b on b.number = c.last_batch
     ) looked`,
  )
  return found!
}

/** How many batches no checkpoint covers yet. */
export async function countUnsignedBatches(tx: Transaction): Promise<bigint> {
  const [row] = await query<{ count: bigint }>(
    tx,
    'select count(*) from batches where number > (select coalesce(max(last_batch), 0) from checkpoints)',
  )
  return row!.count
}
