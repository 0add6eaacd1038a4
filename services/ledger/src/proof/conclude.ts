import type { Accounts } from './accounts.ts'
import { type Anchored, checkAgainstAnchor } from './anchor.ts'
import { type Batch, bookChecks } from './batch.ts'
import { noHash } from './bytes.ts'
import type { Findings } from './findings.ts'
import type { PublicKey } from './keys.ts'
import type { ExportLine } from './lines.ts'
import type { GrowingTree } from './merkle.ts'
import { isUnchained, type Preamble } from './preamble.ts'
import type { BatchRow, CheckpointRow } from './rows.ts'

/** Everything that is checked of an export, in the order in which it is told. */
export const checkNames = [
  'the_file_is_whole',
  'the_export_is_signed',
  ...bookChecks,
  'archives_lead_to_what_is_kept',
  'debits_equal_credits_in_each_currency',
  'the_head_is_the_end_of_the_chain',
  'checkpoints_are_signed_and_chained',
  'checkpoints_match_the_chain',
  'the_anchor_agrees',
] as const

/** What is known between one line and the next; nothing in it grows with the file but the accounts and the anchor. */
export type State = {
  readonly keys: readonly PublicKey[]
  readonly found: Findings<(typeof checkNames)[number]>
  readonly accounts: Accounts
  readonly preamble: Preamble
  readonly anchored: Anchored | null
  /** Lines so far, by type. */
  readonly lines: Map<string, number>
  /** Credits less debits, by currency. */
  readonly sums: Map<string, bigint>
  head: ExportLine | null
  hasEnded: boolean
  /** The batch whose rows are coming, and the one before it. */
  open: Batch | null
  last: BatchRow | null
  order: string
  /** Of the last transfer. */
  number: bigint
  tree: GrowingTree
  checkpoint: CheckpointRow | null
}

/** What can only be said when all has come. */
export function finish(state: State): void {
  const { found, head, hasEnded, last, sums, checkpoint, anchored, preamble } = state
  if (!hasEnded) found.broke('the_file_is_whole', 'it has no end: something was cut off')
  if (head === null) found.broke('the_export_is_signed', 'it has no head')
  for (const [currency, sum] of sums) {
    found.looked('debits_equal_credits_in_each_currency')
    if (sum !== 0n) found.broke('debits_equal_credits_in_each_currency', `${currency}: ${sum} more on the credit side`)
  }
  found.looked('the_head_is_the_end_of_the_chain')
  const ends: readonly (readonly [string, string | undefined, string])[] = [
    ['batch', head?.headBatch, last?.number ?? '0'],
    ['hash', head?.headHash, last?.hash ?? noHash],
    ['transfer', head?.lastTransfer, last?.lastTransfer ?? '0'],
    ['account', head?.lastAccount, last?.lastAccount ?? '0'],
    ['checkpoint', head?.lastCheckpoint, checkpoint?.sequence ?? '0'],
  ]
  for (const [what, said, came] of ends) {
    if (said !== came)
      found.broke('the_head_is_the_end_of_the_chain', `the head says ${what} ${said}, the end is ${came}`)
  }
  if (head?.type !== 'part' && isUnchained(preamble)) {
    found.broke('archives_lead_to_what_is_kept', `archive ${preamble.current!.row.number} is in no batch`)
  }
  if (anchored === null) return
  checkAgainstAnchor(
    anchored,
    { last: BigInt(checkpoint?.sequence ?? 0), exportedAt: head?.exportedAt ?? null },
    (what) => found.broke('the_anchor_agrees', what),
  )
}

/** What the file and the anchor cannot show, said rather than hidden. */
export function notCovered({ head, last, checkpoint, anchored, preamble }: State): string[] {
  const [signed, end] = [BigInt(checkpoint?.lastBatch ?? 0), BigInt(last?.number ?? 0)]
  const sequence = BigInt(checkpoint?.sequence ?? 0)
  const later = anchored === null || anchored.last() <= sequence ? 0n : anchored.last() - sequence
  return [
    end > signed
      ? `batches ${signed + 1n} to ${end} by a checkpoint: they are signed as they were when the export was made`
      : null,
    anchored === null
      ? 'whether books and checkpoints were cut off or made anew together before the export was made: give --anchor FILE'
      : null,
    anchored !== null && anchored.first() > 1n
      ? `checkpoints 1 to ${anchored.first() - 1n} by the anchor, which begins after them`
      : null,
    anchored !== null && sequence > anchored.last()
      ? `checkpoints ${anchored.last() + 1n} to ${sequence} by the anchor, which ends before them`
      : null,
    later > 0n
      ? `what was posted after the export was made (${head?.exportedAt}): ${later} later checkpoints are anchored`
      : null,
    preamble.current === null
      ? null
      : `what was posted before ${preamble.current.row.retainedFrom}: verify the archives, ${preamble.current.row.fileName} and those before it`,
    head?.type === 'part' && isUnchained(preamble)
      ? `what archive ${preamble.current?.row.number} says, which this begins with: its batch comes later`
      : null,
    'whether every event that should have moved money has arrived',
  ].filter((line) => line !== null)
}
