import { isInstant } from './bytes.ts'
import type { ExportHead } from './checkpoint.ts'
import type { BookRow, CheckpointRow } from './rows.ts'

/** Raised whenever a line gains, loses or renames a field. */
export const EXPORT_VERSION = 1

/** The first line of an export: its head, signed. */
export type ExportLine = ExportHead & Readonly<{ type: 'export'; version: number; keyId: string; signature: string }>

/** The last line: how many lines of each type came before it. What ends without it was cut off. */
export type EndLine = Readonly<{ type: 'end'; lines: Readonly<Record<string, number>> }>

export type Line = ExportLine | EndLine | BookRow | CheckpointRow

type Test = (value: unknown) => boolean

const matches = (pattern: RegExp): Test => {
  return (value) => typeof value === 'string' && pattern.test(value)
}
const orNull = (test: Test): Test => {
  return (value) => value === null || test(value)
}

const INT8_MAX = 2n ** 63n - 1n
const int8: Test = (value) =>
  typeof value === 'string' &&
  /^(0|-?[1-9]\d{0,18})$/.test(value) &&
  (value.length < 19 || (BigInt(value) <= INT8_MAX && BigInt(value) >= -INT8_MAX))
const count: Test = (value) => int8(value) && !String(value).startsWith('-')
const uuid = matches(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
const hash = matches(/^[0-9a-f]{64}$/)
const keyId = matches(/^[0-9a-f]{16}$/)
const signature = matches(/^[0-9a-f]{128}$/)
const currency = matches(/^[A-Z]{3}$/)
const text: Test = (value) => typeof value === 'string'

let lastInstant = ''
const instant: Test = (value) => {
  // Thousands of lines share one.
  if (typeof value !== 'string' || (value !== lastInstant && !isInstant(value))) return false
  lastInstant = value
  return true
}

/** The fields of each type of line, in their order. */
const fields: Readonly<Record<Line['type'], Readonly<Record<string, Test>>>> = {
  export: {
    version: (value) => typeof value === 'number',
    exportedAt: instant,
    headBatch: count,
    headHash: hash,
    lastTransfer: count,
    lastAccount: count,
    lastCheckpoint: count,
    keyId,
    signature,
  },
  batch: {
    number: count,
    postedAt: instant,
    transfers: count,
    lastTransfer: count,
    lastAccount: count,
    body: hash,
    hash,
  },
  account: {
    id: count,
    kind: text,
    userId: orNull(uuid),
    provider: orNull(text),
    currency,
    openedAt: instant,
  },
  cause: {
    causeId: uuid,
    fingerprint: hash,
    outcome: text,
    reason: orNull(text),
    transferIds: (value) => Array.isArray(value) && value.every(uuid),
    postedAt: instant,
    kind: orNull(text),
    subjectId: orNull(uuid),
    userId: orNull(uuid),
    amount: orNull(int8),
    currency: orNull(currency),
    detail: orNull(text),
  },
  conflict: { causeId: uuid, fingerprint: hash, postedAt: instant },
  transfer: {
    number: count,
    id: uuid,
    causeId: uuid,
    kind: text,
    debitAccount: count,
    creditAccount: count,
    amount: count,
    currency,
    rewardId: orNull(uuid),
    cashoutId: orNull(uuid),
    effectiveAt: instant,
    postedAt: instant,
  },
  entry: {
    accountId: count,
    version: count,
    side: matches(/^[DC]$/),
    amount: count,
    balanceAfter: int8,
    transferId: uuid,
    effectiveAt: instant,
    postedAt: instant,
  },
  checkpoint: {
    sequence: count,
    firstBatch: count,
    lastBatch: count,
    chainHash: hash,
    lastTransfer: count,
    transfers: count,
    treeRoot: hash,
    postedUpTo: instant,
    signedAt: instant,
    previous: hash,
    keyId,
    hash,
    signature,
  },
  end: {
    lines: (value) =>
      typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'number'),
  },
}

/** The one way to write a line, without its line feed. */
export function encodeLine(line: Line): string {
  const known = line as unknown as Readonly<Record<string, unknown>>
  const written: Record<string, unknown> = { type: line.type }
  for (const name in fields[line.type]) written[name] = known[name]
  return JSON.stringify(written)
}

/** Reads a line that is written exactly so: every field, no other, in order, nothing between them. A text says what is wrong. */
export function decodeLine(written: string): Line | string {
  let line: unknown
  try {
    line = JSON.parse(written)
  } catch {
    return 'is not JSON'
  }
  const type = (line as { type?: unknown } | null)?.type
  if (typeof type !== 'string' || !Object.hasOwn(fields, type)) return 'is of no known type'
  const tests = fields[type as Line['type']]
  const values = line as Readonly<Record<string, unknown>>
  for (const name in tests) if (!tests[name]!(values[name])) return `is a ${type} without a proper ${name}`
  if (encodeLine(line as Line) !== written)
    return `is a ${type} written in another way, or with fields that are not known`
  return line as Line
}

/** Splits text that comes in pieces into its lines. What follows the last line feed is a line, too, unless it is empty. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LINE_LENGTH_MAX) throw new Error('a line is too long to be one of an export')
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

/** A thousand transfers of one cause would not fill it. */
const LINE_LENGTH_MAX = 1_000_000
