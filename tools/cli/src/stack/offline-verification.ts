import {
  createReadStream,
  createWriteStream,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { ExportReport, PublicKey } from '@tributary/ledger'
import { Failure, usageError } from '../arguments.ts'
import { places } from '../places.ts'
import { call, fetchToken, type LocalStack } from './client.ts'
import { describeCheck } from './verification.ts'

/** Fetches all books into a gzip file, complete or not at all. A checkpoint is signed first, so that it covers them to their end. */
export async function exportBooks(stack: LocalStack, file: string): Promise<void> {
  const token = await fetchToken(stack, ['ledger:verify', 'ledger:export'])
  const ledger = stack.url('ledger')
  await call(token, 'POST', `${ledger}/api/v1/checkpoints`).catch((error: unknown) => {
    if (!String(error).includes('404')) throw error
  })
  const response = await fetch(`${ledger}/api/v1/export`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok || response.body === null)
    throw new Failure(`no export: ${response.status} ${await response.text()}`)
  const part = `${file}.part`
  const end = newTail()
  try {
    await pipeline(Readable.fromWeb(response.body as never), end.stream, createGzip(), createWriteStream(part))
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
  if (!/\{"type":"end",[^\n]*\n$/.test(end.text())) {
    rmSync(part, { force: true })
    throw new Failure('the export broke off; try again')
  }
  renameSync(part, file)
  console.log(`wrote ${file}. To check it, here or anywhere:\n`)
  console.log(
    `  ./tributary verify --offline ${file} --key ${places.ledgerPublicKeys} --anchor ${places.ledgerAnchor}\n`,
  )
}

/** Checks an export by itself; prints each check and its count. True: all of them held. */
export async function verifyOffline(file: string, given: { key?: string; anchor?: string }): Promise<boolean> {
  // Loaded when needed: it brings the whole ledger along.
  const { readPublicKeys, verifyExport } = await import('@tributary/ledger')
  const keyFile = given.key ?? places.ledgerPublicKeys
  if (!existsSync(keyFile)) {
    throw usageError('verify', `there is no public key in ${keyFile}; give --key FILE`)
  }
  const keys = readPublicKeys(readFileSync(keyFile, 'utf8'))
  if (keys === null) throw usageError('verify', `${keyFile} holds no Ed25519 public keys in PEM`)
  // With the key of this checkout goes its anchor.
  const anchor =
    given.anchor ?? (given.key === undefined && existsSync(places.ledgerAnchor) ? places.ledgerAnchor : null)
  for (const needed of [file, ...(anchor === null ? [] : [anchor])]) {
    if (!existsSync(needed)) throw usageError('verify', `there is no file ${needed}`)
  }
  const report = await verifyExport(unpacked(file), keys, anchor === null ? null : createReadStream(anchor))
  tell(report, { keys, keyFile, anchor })
  return report.ok
}

function tell(
  { head, checks, notCovered, ok }: ExportReport,
  by: Readonly<{ keys: readonly PublicKey[]; keyFile: string; anchor: string | null }>,
): void {
  const width = Math.max(...checks.map(({ name }) => name.length))
  for (const { name, checked, broken, examples } of checks) {
    const status = broken === 0 ? 'passed' : 'failed'
    console.log(describeCheck({ name, status, checked, broken, detail: examples.join('; ') }, width))
  }
  console.log(
    `\nby key ${by.keys.map(({ id }) => id).join(', ')} (${by.keyFile})${by.anchor === null ? '' : ` and anchor ${by.anchor}`}`,
  )
  if (head !== null) console.log(`as of ${head.exportedAt}: batch ${head.headBatch}, ${head.headHash}`)
  for (const what of notCovered) console.log(`not covered: ${what}`)
  console.log(`\n${ok ? 'The books in this file are sound.' : 'THE BOOKS IN THIS FILE ARE NOT PROVED.'}`)
}

/** The bytes of a file, unpacked where it is gzip. What cannot be unpacked to its end fails while it is read. */
function unpacked(file: string): AsyncIterable<Uint8Array> {
  const start = Buffer.alloc(2)
  readSync(openSync(file, 'r'), start)
  const source = createReadStream(file)
  if (start[0] !== 0x1f || start[1] !== 0x8b) return source
  const gunzip = createGunzip()
  // Whoever iterates over the end hears of what went wrong.
  pipeline(source, gunzip).catch(() => {})
  return gunzip
}

/** Lets everything through, and remembers how it ended. */
function newTail(): { stream: Transform; text(): string } {
  let tail = Buffer.alloc(0)
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tail = Buffer.concat([tail, chunk]).subarray(-1_000)
      done(null, chunk)
    },
  })
  return { stream, text: () => tail.toString('utf8') }
}
