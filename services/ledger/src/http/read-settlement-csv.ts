import { providerField } from '@tributary/contracts'
import { Problem } from '@tributary/service-kit'
import { CsvError, parse } from 'csv-parse/sync'
import { LINES_MAX, lineShape } from './settlement-lines.ts'

const columns = ['provider', 'lineId', 'type', 'reference', 'amount', 'currency', 'fee', 'settledAt'] as const
type Column = (typeof columns)[number]

/** No cell may be longer than 200 characters, so a longer record is no record of ours. */
const RECORD_CHARACTERS_MAX = 4_096
const ERRORS_MAX = 20

type Fault = Readonly<{ path: string; message: string }>
type Row = Readonly<{ record: readonly string[]; info: Readonly<{ lines: number }> }>

/**
 * Reads a provider's lines from CSV: RFC 4180, UTF-8 with or without BOM, any line ends, the columns `provider`, `lineId`,
 * `type`, `reference`, `amount`, `currency`, `settledAt` and perhaps `fee`, in any order, named in the first line. Answers
 * what the same would be as JSON; errors name the line of the file, counted from 1, and the column.
 */
export function readSettlementCsv(text: string): unknown {
  const [header, ...rows] = readRows(text)
  const names = checkHeader(header)
  if (rows.length === 0) throw refused([at(1, '', 'there is no line after the header')])
  if (rows.length > LINES_MAX) throw refused([at(rows[LINES_MAX]!.info.lines, '', `at most ${LINES_MAX} lines`)])
  const read = rows.map((row) => readLine(row, names))
  const providers = new Set(read.map(({ provider }) => provider))
  const faults = read.flatMap((line) => line.faults)
  if (faults.length === 0 && providers.size > 1) {
    const other = rows[read.findIndex(({ provider }) => provider !== read[0]!.provider)]!
    faults.push(at(other.info.lines, '/provider', 'a file is of one provider'))
  }
  if (faults.length > 0) throw refused(faults)
  return { provider: read[0]!.provider, lines: read.map(({ line }) => line) }
}

function readRows(text: string): Row[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      // Counted by us, so that every line that is wrong is named.
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: RECORD_CHARACTERS_MAX,
    }) as unknown as Row[]
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // Its own message would repeat what is in the file.
    const line = typeof error.lines === 'number' ? error.lines : 1
    const isTooLong = error.code === 'CSV_MAX_RECORD_SIZE'
    throw refused([at(line, '', isTooLong ? 'is too long' : 'a quote is not where CSV has it, or is never closed')])
  }
}

function checkHeader(header: Row | undefined): readonly Column[] {
  const names = header?.record ?? []
  const known = names.every((name): name is Column => (columns as readonly string[]).includes(name))
  const missing = columns.filter((name) => name !== 'fee' && !names.includes(name))
  if (!known || missing.length > 0 || new Set(names).size !== names.length) {
    throw refused([
      at(header?.info.lines ?? 1, '', `must name the columns ${columns.join(', ')}, each once; fee may be left out`),
    ])
  }
  return names as readonly Column[]
}

function readLine({ record, info }: Row, names: readonly Column[]) {
  if (record.length !== names.length) {
    const faults = [at(info.lines, '', `has ${record.length} cells, the header has ${names.length}`)]
    return { provider: '', line: null, faults }
  }
  const cells = Object.fromEntries(names.map((name, index) => [name, record[index]!])) as Record<Column, string>
  const { provider, fee, ...others } = cells
  const line = {
    ...others,
    amount: toNumber(cells.amount),
    ...(fee === undefined || fee === '' ? {} : { fee: toNumber(fee) }),
  }
  return { provider, line, faults: faultsOf(provider, line, cells, info.lines) }
}

function faultsOf(provider: string, line: object, cells: Record<Column, string>, number: number): Fault[] {
  const faults = (['lineId', 'reference'] as const)
    .filter((column) => /^[=+\-@]/.test(cells[column]))
    .map((column) => at(number, `/${column}`, 'must not start with =, +, - or @: a spreadsheet would run it'))
  if (!providerField.safeParse(provider).success) faults.push(at(number, '/provider', 'is no name of a provider'))
  const issues = lineShape.safeParse(line).error?.issues ?? []
  faults.push(...issues.map(({ path, message }) => at(number, `/${path.join('/')}`, message)))
  // One sentence for each cell.
  return faults.filter((fault, index) => faults.findIndex(({ path }) => path === fault.path) === index)
}

/** Digits alone are a number; whatever else stays text, to be refused as one. */
function toNumber(cell: string): number | string {
  return /^\d{1,16}$/.test(cell) ? Number(cell) : cell
}

const at = (line: number, column: string, message: string): Fault => ({
  path: `/csv/${line}${column}`,
  message: `line ${line}: ${message}`,
})
const refused = (errors: readonly Fault[]) => new Problem('payload_invalid', { errors: errors.slice(0, ERRORS_MAX) })
