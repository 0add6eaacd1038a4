import { referenceField, timeField } from '@tributary/contracts'
import { fromCsvCell, Problem } from '@tributary/service-kit'
import { CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'
import { refusalOfCode } from '../domain/referral-code.ts'
import { textField } from './fields.ts'

/** So many that one transaction takes well below a second. Longer files are handed in by pieces. */
export const LINES_MAX = 1_000
/** As many lines as may be, with names of the greatest length. */
export const IMPORT_BYTES_MAX = 1024 * 1024
/** Longer than every cell at its greatest length. */
const RECORD_CHARACTERS_MAX = 4_096
const ERRORS_MAX = 100

const line = z.int().min(1).optional().meta({ description: 'Where it stands in its file; its place if left out.' })

const shapes = {
  users: z.object({
    line,
    externalId: referenceField,
    email: z.email().max(320).optional(),
    name: textField(200).optional(),
  }),
  codes: z.object({
    line,
    externalId: referenceField,
    code: z
      .string()
      .max(1_000)
      .superRefine((code, context) => {
        const refusal = refusalOfCode(code)
        if (refusal !== null) context.addIssue({ code: 'custom', message: refusal })
      }),
  }),
  referrals: z.object({
    line,
    externalId: referenceField.meta({ description: 'The customer.' }),
    referrerExternalId: referenceField,
    registeredAt: timeField.optional().meta({ description: 'When the customer registered; now if left out.' }),
  }),
}

export const importBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('users'), lines: z.array(shapes.users).min(1).max(LINES_MAX) }),
  z.object({ kind: z.literal('codes'), lines: z.array(shapes.codes).min(1).max(LINES_MAX) }),
  z.object({ kind: z.literal('referrals'), lines: z.array(shapes.referrals).min(1).max(LINES_MAX) }),
])

export type Import = z.output<typeof importBody>

/** The columns of a file say what it is of; those with a `?` may be left out. */
const headers = {
  users: ['externalId', 'email?', 'name?'],
  codes: ['externalId', 'code'],
  referrals: ['externalId', 'referrerExternalId', 'registeredAt?'],
} as const

type Kind = keyof typeof headers
type Row = Readonly<{ record: readonly string[]; info: Readonly<{ lines: number }> }>

/** Reads CSV (RFC 4180, UTF-8) into what it would be as JSON. Errors name the line of the file, counted from 1. */
export function readImportCsv(text: string): unknown {
  const [header, ...rows] = readRows(text)
  const names = header?.record ?? []
  const kind = kindOf(names)
  if (kind === null) {
    const known = Object.values(headers).map((columns) => columns.join(','))
    throw refused([at(1, '', `must name the columns of one of: ${known.join(' | ')}`)])
  }
  if (rows.length === 0) throw refused([at(1, '', 'there is no line after the header')])
  if (rows.length > LINES_MAX) throw refused([at(rows[LINES_MAX]!.info.lines, '', `at most ${LINES_MAX} lines`)])
  const lines = rows.map(({ record, info }) => ({
    line: info.lines,
    ...Object.fromEntries(names.flatMap((name, index) => (record[index] ? [[name, fromCsvCell(record[index])]] : []))),
  }))
  const faults = rows.flatMap(({ record, info }, index) => {
    if (record.length !== names.length) return [at(info.lines, '', `has ${record.length} cells of ${names.length}`)]
    const issues = shapes[kind].safeParse(lines[index]).error?.issues ?? []
    return issues.map(({ path, message }) => at(info.lines, `/${path.join('/')}`, message))
  })
  if (faults.length > 0) throw refused(faults)
  return { kind, lines }
}

function kindOf(names: readonly string[]): Kind | null {
  const fits = ([, columns]: readonly [string, readonly string[]]) =>
    new Set(names).size === names.length &&
    names.every((name) => columns.includes(name) || columns.includes(`${name}?`)) &&
    columns.every((column) => column.endsWith('?') || names.includes(column))
  const found = Object.entries(headers).find(fits)
  return (found?.[0] as Kind | undefined) ?? null
}

function readRows(text: string): Row[] {
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true } as const
    return parse(text, { ...options, max_record_size: RECORD_CHARACTERS_MAX }) as unknown as Row[]
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // Its own message would repeat what is in the file.
    const isTooLong = error.code === 'CSV_MAX_RECORD_SIZE'
    const where = typeof error.lines === 'number' ? error.lines : 1
    throw refused([at(where, '', isTooLong ? 'is too long' : 'a quote is not where CSV has it, or is never closed')])
  }
}

const at = (number: number, column: string, message: string) => ({
  path: `/csv/${number}${column}`,
  message: `line ${number}: ${message}`,
})
const refused = (errors: readonly { path: string; message: string }[]) =>
  new Problem('payload_invalid', { errors: errors.slice(0, ERRORS_MAX) })
