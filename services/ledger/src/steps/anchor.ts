import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database } from '@tributary/database'
import { anchorLine } from '../proof/anchor.ts'
import { decodeLine } from '../proof/lines.ts'
import type { CheckpointRow } from '../proof/rows.ts'
import { listCheckpointsAfter } from '../store/checkpoints.ts'

/** The anchor and the database contradict each other, or the anchor cannot be read or written: nothing may be signed before that is mended. */
export class AnchorError extends Error {}

const PAGE = 1_000
/** A line is about 700 bytes; a torn one and the whole one before it fit well. */
const TAIL_BYTES = 65_536

/**
 * Appends the checkpoints that the file does not have yet, a thousand at most, and answers them once they are on the disk. Called
 * after each signing and before it, so that what a crash left out is caught up. Throws where the file knows a checkpoint that the
 * database does not: then the database was cut, changed or restored, and signing on would say two things under one number.
 */
export async function anchorCheckpoints(db: Database, path: string): Promise<readonly CheckpointRow[]> {
  const { last, endsOpen } = await orAnchorError(readEnd(path))
  if (last !== null) await compare(db, last)
  const rows = await listCheckpointsAfter(db, last?.sequence ?? '0', PAGE)
  if (rows.length > 0) {
    const lines = rows.map((row) => `${anchorLine(row)}\n`).join('')
    await orAnchorError(append(path, `${endsOpen ? '\n' : ''}${lines}`))
  }
  return rows
}

async function orAnchorError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new AnchorError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

async function compare(db: Database, last: CheckpointRow): Promise<void> {
  const [known] = await listCheckpointsAfter(db, String(BigInt(last.sequence) - 1n), 1)
  if (known?.sequence === last.sequence && known.hash === last.hash) return
  const what = known?.sequence === last.sequence ? 'has another one' : 'has none'
  throw new AnchorError(`the anchor has checkpoint ${last.sequence}, signed at ${last.signedAt}; the database ${what}`)
}

/** The last whole line, and whether what follows it was torn: a process was killed while it wrote. */
async function readEnd(path: string): Promise<{ last: CheckpointRow | null; endsOpen: boolean }> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { last: null, endsOpen: false }
    throw error
  }
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    await file.read(bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8').split('\n')
    const rest = lines.pop()
    const last = lines
      .map((line) => decodeLine(line))
      .findLast((line) => typeof line !== 'string' && line.type === 'checkpoint') as CheckpointRow | undefined
    if (last === undefined && lines.length > 1)
      throw new Error(`${path} is no anchor file: it ends without a checkpoint`)
    return { last: last ?? null, endsOpen: rest !== '' }
  } finally {
    await file.close()
  }
}

async function append(path: string, text: string): Promise<void> {
  // Always at the end, whoever else appends; only its owner may read or write it.
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  // A file that is new is in its folder only once the folder is written, too.
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
