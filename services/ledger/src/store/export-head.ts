import { query, type Transaction } from '@tributary/database'
import { instant } from './read-rows.ts'

/** Where an export ends, all read at one instant. */
export type ExportEnd = Readonly<{
  headBatch: string
  headHash: string
  lastTransfer: string
  lastAccount: string
  lastCheckpoint: string
  /** When the last batch was posted; null before the first. */
  upTo: string | null
}>

/** Where the books stood just before an instant, by the batch and the checkpoint that end there; null where there is no such. */
export async function findExportEndAt(tx: Transaction, until: string): Promise<ExportEnd | null> {
  const [row] = await query<ExportEnd>(
    tx,
    `select b.number::text as "headBatch", encode(b.hash, 'hex') as "headHash", b.last_transfer::text as "lastTransfer",
       b.last_account::text as "lastAccount", c.sequence::text as "lastCheckpoint", ${instant('b.posted_at')} as "upTo"
     from (select * from batches where posted_at < ?::timestamptz order by posted_at desc limit 1) b
     join checkpoints c on c.last_batch = b.number`,
    [until],
  )
  return row ?? null
}

/** The head as it stands, whatever the batches say; zeros where it is gone. */
export async function findExportEnd(tx: Transaction): Promise<ExportEnd> {
  const [row] = await query<ExportEnd>(
    tx,
    `select coalesce(h.batch, 0)::text as "headBatch", encode(coalesce(h.hash, decode(repeat('00', 32), 'hex')), 'hex') as "headHash",
       coalesce(h.last_transfer, 0)::text as "lastTransfer", coalesce(h.last_account, 0)::text as "lastAccount",
       (select coalesce(max(sequence), 0)::text from checkpoints) as "lastCheckpoint",
       (select ${instant('max(posted_at)')} from batches) as "upTo"
     from (select 1) one left join ledger_head h on true`,
  )
  return row!
}
