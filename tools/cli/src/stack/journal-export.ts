import { createWriteStream, renameSync, rmSync } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { Failure } from '../arguments.ts'
import { fetchToken, type LocalStack } from './client.ts'

/** Writes the journal of a time to a gzip file, complete or not at all; answers how many events it has. */
export async function exportJournal(
  stack: LocalStack,
  file: string,
  range: Readonly<{ from: string; to: string }>,
): Promise<number> {
  const token = await fetchToken(stack, ['webhooks:export'])
  const url = `${stack.url('ingest')}/api/v1/webhooks/events/export?${new URLSearchParams(range).toString()}`
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok || response.body === null) {
    throw new Failure(`no export: ${response.status} ${await response.text()}`)
  }
  const part = `${file}.part`
  let tail = Buffer.alloc(0)
  const remembering = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tail = Buffer.concat([tail, chunk]).subarray(-200)
      done(null, chunk)
    },
  })
  try {
    await pipeline(Readable.fromWeb(response.body as never), remembering, createGzip(), createWriteStream(part))
    const end = /\{"type":"end","events":(\d+)\}\n$/.exec(tail.toString('utf8'))
    if (end === null) throw new Failure('the export broke off; try again')
    renameSync(part, file)
    return Number(end[1])
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}
