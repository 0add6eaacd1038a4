import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Database } from '@tributary/database'
import type { Archive } from '../store/dropped-days.ts'
import { exportEvents } from './export-events.ts'

const DAY_MS = 86_400_000

/** Writes a day of the journal to `journal-<day>.ndjson.gz`, whole or not at all; it is on the disk when this answers. */
export async function writeArchive(db: Database, day: Date, directory: string): Promise<Archive> {
  await mkdir(directory, { recursive: true })
  const name = `journal-${day.toISOString().slice(0, 10)}.ndjson.gz`
  const unfinished = join(directory, `${name}.unfinished`)
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
  await rename(unfinished, join(directory, name))
  // A name is durable once its directory is.
  const handle = await open(directory)
  await handle.sync()
  await handle.close()
  return { name, sha256: hash.digest('hex'), events: (JSON.parse(last) as { events: number }).events }
}
