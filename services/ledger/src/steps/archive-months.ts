import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Database } from '@tributary/database'
import type { Logger } from '@tributary/observability'
import { type ExportReport, verifyExport } from '../proof/verify-export.ts'
import { archiveLedger, findObstacle, findOldestMonth, findRetainedFrom, type Lines } from '../store/archives.ts'
import { dropLeftovers, letGo, listPartitionsBefore } from '../store/partitions.ts'
import { type Exporting, exportBooks } from './export-books.ts'

export type Archiving = Exporting &
  Readonly<{
    /** The ledger's database, as its owner. */
    owner: Database
    directory: string
    retentionMonths: number
    log: Logger
  }>

/**
 * Archives the oldest month that is older than what is to be kept, and lets it go. Each step can be the last one before a
 * crash: the file is only believed after it was read back and proved, the books start after the month only once it is on
 * disk, and partitions are dropped only once they do. Answers whether it archived one.
 */
export async function archiveOldestMonth(archiving: Archiving): Promise<boolean> {
  const { db, log } = archiving
  await letArchivedGo(archiving)
  const until = await findOldestMonth(db, cutoff(archiving.now(), archiving.retentionMonths))
  if (until === null) return false
  const obstacle = await findObstacle(db, until)
  if (obstacle !== null) {
    log.error({ event: 'archive.refused', endsAt: until, reason: obstacle }, 'archive.refused')
    return false
  }
  const fileName = `ledger-until-${until.slice(0, 10)}.ndjson.gz`
  const file = await writePart(archiving, until, fileName)
  const lines = await provePart(archiving, file)
  await archiveLedger(archiving.owner, { until, fileName, sha256: await hashOf(file), lines })
  log.info({ event: 'archive.written', endsAt: until, fileName }, 'archive.written')
  await letArchivedGo(archiving)
  return true
}

/** The first of the month that many months before this one: what lies before is old. */
function cutoff(now: Date, months: number): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString()
}

async function letArchivedGo({ db, owner }: Archiving): Promise<void> {
  const retainedFrom = await findRetainedFrom(db)
  if (retainedFrom === null) return
  for (const partition of await listPartitionsBefore(owner, retainedFrom)) await letGo(owner, partition)
  await dropLeftovers(owner, retainedFrom)
}

async function writePart(archiving: Archiving, until: string, fileName: string): Promise<string> {
  const { directory } = archiving
  await mkdir(directory, { recursive: true })
  const file = join(directory, fileName)
  const unfinished = `${file}.unfinished`
  await pipeline(
    Readable.from(exportBooks(archiving, until)),
    createGzip(),
    createWriteStream(unfinished, { flush: true }),
  )
  await rename(unfinished, file)
  // A name is durable once its directory is.
  const handle = await open(directory)
  await handle.sync()
  await handle.close()
  return file
}

/** Proves what is on disk, as anyone can. */
async function provePart({ keys }: Archiving, file: string): Promise<Lines> {
  const read = createReadStream(file).pipe(createGunzip())
  const report: ExportReport = await verifyExport(read, keys.all)
  if (!report.ok) {
    const broken = report.checks
      .filter((check) => check.broken > 0)
      .map(({ name, examples }) => `${name}: ${examples[0]}`)
    throw new Error(`not archived: ${file} does not prove what it holds: ${broken.join('; ')}`)
  }
  return { transfers: report.lines.transfer ?? 0, entries: report.lines.entry ?? 0 }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
