import type { ExportHead } from './checkpoint.ts'
import { fields } from './fields.ts'
import type { BookRow, CheckpointRow, OpeningRow } from './rows.ts'

/** Raised whenever a line gains, loses or renames a field. */
export const EXPORT_VERSION = 1

/** The first line: a signed head, of all that there is (`export`) or of a part that ends at some time (`part`). */
export type ExportLine = ExportHead &
  Readonly<{ type: 'export' | 'part'; version: number; keyId: string; signature: string }>

/** The last line: how many lines of each type came before it. What ends without it was cut off. */
export type EndLine = Readonly<{ type: 'end'; lines: Readonly<Record<string, number>> }>

export type Line = ExportLine | EndLine | BookRow | OpeningRow | CheckpointRow

const fieldsOf: Readonly<Record<Line['type'], Readonly<Record<string, (value: unknown) => boolean>>>> = fields

/** The one way to write a line, without its line feed. */
export function encodeLine(line: Line): string {
  const known = line as unknown as Readonly<Record<string, unknown>>
  const written: Record<string, unknown> = { type: line.type }
  for (const name in fieldsOf[line.type]) written[name] = known[name]
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
  if (typeof type !== 'string' || !Object.hasOwn(fieldsOf, type)) return 'is of no known type'
  const tests = fieldsOf[type as Line['type']]
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
