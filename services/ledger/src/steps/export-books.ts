import { type Database, inTransaction } from '@tributary/database'
import { exportText } from '../proof/checkpoint.ts'
import { type SigningKeys, signText } from '../proof/keys.ts'
import { EXPORT_VERSION, encodeLine, type Line } from '../proof/lines.ts'
import type { ArchiveRow, BatchRow, CheckpointRow } from '../proof/rows.ts'
import { listArchives } from '../store/archives.ts'
import { findCheckpointOf, listCheckpointsAfter, lockCheckpoints } from '../store/checkpoints.ts'
import { type ExportEnd, findExportEnd, findExportEndAt } from '../store/export-head.ts'
import { listBatchesAfter, readSpan, readStrays } from '../store/read-rows.ts'
import { exportArchives } from './export-archives.ts'
import { toInstant } from './sign-checkpoint.ts'

export type Exporting = Readonly<{ db: Database; now: () => Date; keys: SigningKeys }>

/** Rows of so many transfers are in memory at once, about 20 MB. */
const TRANSFERS_A_PAGE = 5_000
const BATCHES_A_PAGE = 500
const CHECKPOINTS_A_PAGE = 500
/** Worth a packet or two. */
const CHUNK_LENGTH = 65_536

/**
 * All books that are kept as text, one JSON line for each row, ready to be sent while it is made; see docs/proofs.md. With `until`, only
 * what was posted before that instant, where a checkpoint must end.
 */
export async function* exportBooks(exporting: Exporting, until?: string): AsyncGenerator<string> {
  let chunk = ''
  const counts: Record<string, number> = {}
  for await (const line of rowsOf(exporting, until)) {
    if (line.type !== 'export' && line.type !== 'part') counts[line.type] = (counts[line.type] ?? 0) + 1
    chunk += `${encodeLine(line)}\n`
    if (chunk.length < CHUNK_LENGTH) continue
    yield chunk
    chunk = ''
  }
  yield `${chunk}${encodeLine({ type: 'end', lines: counts })}\n`
}

/**
 * Up to a head that is fixed at the start, page by page, so that no transaction stays open. Pages are cut by the time of posting,
 * which every row has, and cover all of it: what belongs to no batch comes along at its time.
 */
async function* rowsOf(exporting: Exporting, until: string | undefined): AsyncGenerator<Line> {
  const { db } = exporting
  const { head, end, archives } = await fixHead(exporting, until)
  yield head
  const since = archives.at(-1)
  yield* exportArchives(db, archives)
  const start = since === undefined ? null : await findCheckpointOf(db, since.lastBatch)
  if (start !== null) yield start
  const checkpoints = newCheckpoints(db, start?.sequence ?? '0', end.lastCheckpoint)
  let after = since?.lastInstant ?? '-infinity'
  for (let batches = await page(db, after, end.upTo); batches.length > 0; batches = await page(db, after, end.upTo)) {
    const upTo = batches.at(-1)!.postedAt
    const rowsAt = new Map((await readSpan(db, { after, upTo })).map(({ at, rows }) => [at, rows]))
    const batchAt = new Map(batches.map((batch) => [batch.postedAt, batch]))
    for (const at of [...new Set([...rowsAt.keys(), ...batchAt.keys()])].sort()) {
      const batch = batchAt.get(at)
      if (batch !== undefined) yield batch
      yield* rowsAt.get(at) ?? []
      if (batch !== undefined) yield* checkpoints.upTo(BigInt(batch.number))
    }
    after = upTo
  }
  if (until === undefined) for (const { rows } of await readStrays(db, after)) yield* rows
  yield* checkpoints.upTo(null)
}

type Fixed = Readonly<{ head: Line; end: ExportEnd; archives: readonly ArchiveRow[] }>

async function fixHead({ db, now, keys }: Exporting, until: string | undefined): Promise<Fixed> {
  return inTransaction(db, async (tx) => {
    // So that every checkpoint signed before this instant can be seen.
    await lockCheckpoints(tx)
    const exportedAt = toInstant(now())
    const end = until === undefined ? await findExportEnd(tx) : await findExportEndAt(tx, until)
    if (end === null) throw new Error(`no checkpoint ends before ${until}`)
    const { upTo: _upTo, ...rest } = end
    const claim = { exportedAt, ...rest, keyId: keys.own.id, ...(until === undefined ? {} : { until }) }
    const type = until === undefined ? 'export' : 'part'
    const signature = signText(exportText(claim), keys)
    const archives = await listArchives(tx, until ?? 'infinity')
    return { end, head: { type, version: EXPORT_VERSION, ...claim, signature }, archives }
  })
}

async function page(db: Database, after: string, upTo: string | null): Promise<readonly BatchRow[]> {
  if (upTo === null) return []
  const batches = await listBatchesAfter(db, { after, upTo }, BATCHES_A_PAGE)
  let transfers = 0
  const end = batches.findIndex((batch) => {
    transfers += Number(batch.transfers)
    return transfers > TRANSFERS_A_PAGE
  })
  return end <= 0 ? batches.slice(0, end < 0 ? batches.length : 1) : batches.slice(0, end)
}

/** Checkpoints, each after the last batch that it covers; what covers a batch that never comes, at the end. */
function newCheckpoints(
  db: Database,
  first: string,
  last: string,
): { upTo(batch: bigint | null): AsyncGenerator<CheckpointRow> } {
  let waiting: CheckpointRow[] = []
  let [read, isRead] = [first, false]
  async function fill(): Promise<void> {
    if (waiting.length > 0 || isRead) return
    const more = await listCheckpointsAfter(db, read, CHECKPOINTS_A_PAGE)
    waiting = more.filter(({ sequence }) => BigInt(sequence) <= BigInt(last))
    isRead = more.length < CHECKPOINTS_A_PAGE || waiting.length < more.length
    read = more.at(-1)?.sequence ?? read
  }
  return {
    async *upTo(batch) {
      for (await fill(); waiting.length > 0; await fill()) {
        if (batch !== null && BigInt(waiting[0]!.lastBatch) > batch) return
        yield waiting.shift()!
      }
    },
  }
}
