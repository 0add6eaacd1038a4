import { newAccounts } from './accounts.ts'
import { readAnchor } from './anchor.ts'
import { addToBatch, checkRows, faultsOfBatch, newBatch } from './batch.ts'
import { leafBytes } from './bytes.ts'
import { exportText, faultsOfCheckpoint, faultsOfFirst } from './checkpoint.ts'
import { checkNames, finish, notCovered, type State } from './conclude.ts'
import { type Finding, newFindings } from './findings.ts'
import { faultOfSignature, type PublicKey } from './keys.ts'
import { decodeLine, type EndLine, EXPORT_VERSION, type ExportLine, type Line, splitLines } from './lines.ts'
import { leafHash, newTree } from './merkle.ts'
import { nameOf, orderKey } from './order.ts'
import { newPreamble, sawArchive, takePreamble } from './preamble.ts'
import type { BookRow, CheckpointRow, OpeningRow } from './rows.ts'

/** What an export proves. `ok`: every check found nothing wrong. */
export type ExportReport = Readonly<{
  ok: boolean
  checks: readonly Finding[]
  /** When the export says it was made, and what it ends with; null where it has no head. */
  head: ExportLine | null
  /** How many lines of each type it has. */
  lines: Readonly<Record<string, number>>
  /** What these checks cannot show. */
  notCovered: readonly string[]
}>

export type Bytes = AsyncIterable<Uint8Array>

/**
 * Recomputes all that an export holds, from its bytes and the public keys alone, while it streams by. Whatever is in the file,
 * this answers; nothing is believed because the file says it.
 */
export async function verifyExport(
  file: Bytes,
  keys: readonly PublicKey[],
  anchor: Bytes | null = null,
): Promise<ExportReport> {
  const found = newFindings(checkNames)
  const anchored =
    anchor === null ? null : await readAnchor(anchor, keys, (what) => found.broke('the_anchor_agrees', what))
  const state: State = {
    ...{ keys, found, anchored, accounts: newAccounts(), preamble: newPreamble(), lines: new Map(), sums: new Map() },
    ...{
      head: null,
      hasEnded: false,
      open: null,
      last: null,
      order: '',
      number: 0n,
      tree: newTree(),
      checkpoint: null,
    },
  }
  try {
    let number = 0
    for await (const text of splitLines(file)) takeLine(text, ++number, state)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    found.broke('the_file_is_whole', `it cannot be read to its end: ${why}`)
  }
  closeBatch(state)
  finish(state)
  const isAsked = (name: string) =>
    (name !== 'the_anchor_agrees' || anchored !== null) &&
    (name !== 'archives_lead_to_what_is_kept' || state.preamble.current !== null)
  const checks = found.all().filter(({ name }) => isAsked(name))
  const lines = Object.fromEntries(state.lines)
  return {
    ok: checks.every(({ broken }) => broken === 0),
    checks,
    head: state.head,
    lines,
    notCovered: notCovered(state),
  }
}

function takeLine(text: string, number: number, state: State): void {
  const broke = (what: string) => state.found.broke('the_file_is_whole', `line ${number} ${what}`)
  state.found.looked('the_file_is_whole')
  const line = decodeLine(text)
  if (typeof line === 'string') broke(line)
  else if (state.hasEnded) broke('comes after the end')
  else if (isHead(line) !== (number === 1)) broke('is not what must come here: an export begins with its head')
  else if (isHead(line)) takeHead(line, state)
  else if (line.type === 'end') takeEnd(line, state, broke)
  else takeInOrder(line, state, broke)
}

const isHead = (line: Line): line is ExportLine => line.type === 'export' || line.type === 'part'

function takeInOrder(line: BookRow | OpeningRow | CheckpointRow, state: State, broke: (what: string) => void): void {
  state.lines.set(line.type, (state.lines.get(line.type) ?? 0) + 1)
  if (state.last === null && state.open === null) {
    if (takePreamble(line, state, broke) === 'taken') return
    state.last = state.preamble.start
    state.number = BigInt(state.last?.lastTransfer ?? 0)
  }
  if (line.type === 'opening') {
    broke(`(${nameOf(line)}) is not where it must be`)
    return
  }
  if (line.type === 'batch') closeBatch(state)
  const order = orderKey(line, state.open?.row ?? state.last)
  if (order !== null && order <= state.order) broke(`(${nameOf(line)}) is not where it must be`)
  if (order !== null) state.order = order
  if (line.type === 'checkpoint') takeCheckpoint(line, state)
  else takeRow(line, state)
}

function takeEnd({ lines }: EndLine, state: State, broke: (what: string) => void): void {
  state.hasEnded = true
  const [said, came] = [Object.entries(lines), [...state.lines]].map((counts) =>
    JSON.stringify(counts.toSorted(([one], [other]) => (one < other ? -1 : 1))),
  )
  if (said !== came) broke(`counts other lines than came: ${said}, not ${came}`)
}

function takeHead(line: ExportLine, state: State): void {
  const { found, keys } = state
  found.looked('the_export_is_signed')
  if (line.version !== EXPORT_VERSION) found.broke('the_file_is_whole', `version ${line.version} is not known here`)
  const fault = faultOfSignature(exportText(line), line, keys)
  if (fault !== null) found.broke('the_export_is_signed', `the head ${fault}`)
  state.head ??= line
}

function takeRow(row: BookRow, state: State): void {
  const { found } = state
  found.looked('every_row_belongs_to_a_batch')
  if (row.type === 'batch') {
    state.open = newBatch(row)
    state.order = ''
  } else if (state.open === null || !addToBatch(state.open, row)) {
    found.broke('every_row_belongs_to_a_batch', nameOf(row))
  }
}

function closeBatch(state: State): void {
  const { open, last, found, accounts, tree, sums } = state
  if (open === null) return
  state.open = null
  found.looked('batches_form_an_unbroken_chain')
  for (const fault of faultsOfBatch(open, last)) {
    found.broke('batches_form_an_unbroken_chain', `batch ${open.row.number} ${fault}`)
  }
  state.number = checkRows(open, state.number, accounts, found)
  for (const archive of open.archives) sawArchive(archive, state.preamble, found)
  for (const { accountId, side, amount } of open.entries) {
    const currency = accounts.find(accountId)?.currency ?? 'an account that is not there'
    sums.set(currency, (sums.get(currency) ?? 0n) + (side === 'C' ? BigInt(amount) : -BigInt(amount)))
  }
  for (const transfer of open.transfers) tree.add(leafHash(leafBytes(transfer, open.row.number)))
  state.last = open.row
}

function takeCheckpoint(row: CheckpointRow, state: State): void {
  closeBatch(state)
  const { found, keys, checkpoint, last, tree, anchored, preamble } = state
  const name = `checkpoint ${row.sequence}`
  found.looked('checkpoints_are_signed_and_chained')
  // The first one of an export that begins with archives signs where they end; what it covers is in them.
  const isStart = checkpoint === null && last !== null && last === preamble.start
  const faults = isStart ? faultsOfFirst(row, keys) : faultsOfCheckpoint(row, checkpoint, keys)
  for (const fault of faults) {
    found.broke('checkpoints_are_signed_and_chained', `${name} ${fault}`)
  }
  found.looked('checkpoints_match_the_chain')
  const isSame =
    row.lastBatch === last?.number &&
    row.chainHash === last.hash &&
    row.lastTransfer === last.lastTransfer &&
    row.postedUpTo === last.postedAt &&
    (isStart || (row.transfers === String(tree.size()) && row.treeRoot === tree.root().toString('hex')))
  if (!isSame) found.broke('checkpoints_match_the_chain', `${name}, over batches ${row.firstBatch} to ${row.lastBatch}`)
  const known = anchored?.hashOf(BigInt(row.sequence)) ?? null
  if (known !== null) found.looked('the_anchor_agrees')
  if (known !== null && known !== row.hash) found.broke('the_anchor_agrees', `${name} was anchored as another`)
  state.tree = newTree()
  state.checkpoint = row
}
