import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Database } from '@tributary/database'
import type { Archive } from '../store/dropped-days.ts'
import { exportEvents } from './export-events.ts'

const DAY_MS = 86_400_000

/** An archive that is written, and nothing yet: `keep` gives it its name and makes that durable, `discard` removes it. */
export type WrittenArchive = Archive & Readonly<{ keep(): Promise<void>; discard(): Promise<void> }>

/**
 * Writes a day of the journal for `journal-<day>.ndjson.gz`; its bytes are on the disk when this answers. Only whoever lets the
 * day go may keep it: for anybody else, such as a process that lost its lead on the way, the day may have been half gone.
 */
export async function writeArchive(db: Database, day: Date, directory: string, id: string): Promise<WrittenArchive> {
  await mkdir(directory, { recursive: true })
  const name = `journal-${day.toISOString().slice(0, 10)}.ndjson.gz`
  const unfinished = join(directory, `${name}.${id}.unfinished`)
  const hash = createHash('sha256')
  let last = ''
  const remembered = async function* () {
    for await (const chunk of exportEvents(db, day, new Date(day.getTime() + DAY_MS))) {
      last = chunk
      yield chunk
    }
  }
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  await pipeline(
    Readable.from(remembered()),
    createGzip(),
    hashed,
    createWriteStream(unfinished, { flush: true, mode: 0o600 }),
  )
  return {
    name,
    sha256: hash.digest('hex'),
    events: (JSON.parse(last) as { events: number }).events,
    keep: () => keep(directory, unfinished, name),
    discard: () => rm(unfinished, { force: true }),
  }
}

/** Also removes what processes that were killed left of the same day. */
async function keep(directory: string, unfinished: string, name: string): Promise<void> {
  await rename(unfinished, join(directory, name))
  const others = (await readdir(directory)).filter((one) => one.startsWith(`${name}.`))
  for (const other of others) await rm(join(directory, other), { force: true })
  // A name is durable once its directory is.
  const handle = await open(directory)
  await handle.sync()
  await handle.close()
}
