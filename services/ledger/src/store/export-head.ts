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
