import type { FastifyRequest } from 'fastify'

/** One value of a CSV line. Numbers are written as they are, text so that no spreadsheet takes it for a formula. */
export type Cell = string | number | bigint | null

/** An answer as CSV: its lines are sent while they come, so it may be longer than memory. The first names the columns. */
export type CsvAnswer = Readonly<{
  status: number
  /** What a browser saves it as. */
  filename: string
  lines: Iterable<readonly Cell[]> | AsyncIterable<readonly Cell[]>
}>

/** RFC 4180: values that need it in quotes, quotes doubled, CRLF at the end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

/**
 * What spreadsheets begin a formula with, also in full width, and the blanks they skip before one. Apostrophes before it
 * count as part of it: so each text has one form of its own, and `fromCsvCell` is the way back.
 */
const formula = /^'*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/

function csvCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const harmless = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** The text of a cell that was written here, or by a spreadsheet in the same way: without the apostrophe before a formula. */
export function fromCsvCell(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell
}

/** Lines gathered into pieces worth a packet. */
export async function* csvText(lines: CsvAnswer['lines']): AsyncGenerator<string> {
  let text = ''
  for await (const line of lines) {
    text += csvLine(line)
    if (text.length < 16_384) continue
    yield text
    text = ''
  }
  yield text
}

/** Whether the caller would rather have CSV than JSON, by the weights in `Accept`; JSON where both are as welcome. */
export function prefersCsv({ headers: { accept = '*/*' } }: Pick<FastifyRequest, 'headers'>): boolean {
  const ranges = accept.split(',').map(readRange)
  // The most specific range that names a type decides about it.
  const weightOf = (...names: readonly string[]) =>
    names.map((name) => ranges.find((range) => range.name === name)?.weight).find((weight) => weight !== undefined) ?? 0
  return weightOf('text/csv', 'text/*', '*/*') > weightOf('application/json', 'application/*', '*/*')
}

function readRange(text: string): { name: string; weight: number } {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
  return { name, weight: Number.isNaN(weight) ? 0 : weight }
}
