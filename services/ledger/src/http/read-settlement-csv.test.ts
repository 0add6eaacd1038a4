import { Problem } from '@tributary/service-kit'
import { expect, test } from 'vitest'
import { readSettlementCsv } from './read-settlement-csv.ts'

const header = 'provider,lineId,type,reference,amount,currency,fee,settledAt'
const row = 'stripe,L1,payout,po_1,100,USD,3,2026-01-01T00:00:00Z'
const line = {
  lineId: 'L1',
  type: 'payout',
  reference: 'po_1',
  amount: 100,
  currency: 'USD',
  fee: 3,
  settledAt: '2026-01-01T00:00:00Z',
}

/** Where it is wrong, and in which words. */
function faultsOf(text: string): string[] {
  try {
    readSettlementCsv(text)
  } catch (error) {
    if (error instanceof Problem) return (error.details.errors ?? []).map(({ path, message }) => `${path} ${message}`)
    throw error
  }
  return []
}

test.each<[string, string]>([
  ['line feeds', `${header}\n${row}\n`],
  ['carriage returns too', `${header}\r\n${row}\r\n`],
  ['carriage returns alone', `${header}\r${row}\r`],
  ['no end of the last line', `${header}\n${row}`],
  ['a BOM', `\ufeff${header}\n${row}\n`],
  ['empty lines', `${header}\n\n${row}\n\n`],
  ['quotes', `"${header.replaceAll(',', '","')}"\n"${row.replaceAll(',', '","')}"\n`],
])('a file is read with %s', (_name, text) => {
  expect(readSettlementCsv(text)).toEqual({ provider: 'stripe', lines: [line] })
})

test('columns come in any order, and the fee may be missing or empty', () => {
  const { fee: _, ...free } = line
  const other =
    'settledAt,currency,amount,reference,type,lineId,provider\n2026-01-01T00:00:00Z,USD,100,po_1,payout,L1,stripe'
  expect(readSettlementCsv(other)).toEqual({ provider: 'stripe', lines: [free] })
  expect(readSettlementCsv(`${header}\n${row.replace(',3,', ',,')}`)).toEqual({ provider: 'stripe', lines: [free] })
  expect(readSettlementCsv(`${header}\n${row.replace('po_1', '"po ""1"", a"')}`)).toMatchObject({
    lines: [{ reference: 'po "1", a' }],
  })
})

const names = `line 1: must name the columns ${header.replaceAll(',', ', ')}, each once; fee may be left out`
const wrongHeaders: [string, string][] = [
  ['an empty file', ''],
  ['nothing but blanks', '\n\n'],
  ['no header', row],
  ['a column twice', `${header},amount\n${row},100`],
  ['a column that is not known', `${header},memo\n${row},x`],
  ['a column missing', header.replace('currency,', '')],
  ['other capitals', header.toUpperCase()],
  ['semicolons', `${header}\n${row}`.replaceAll(',', ';')],
]
test.each(wrongHeaders)('a header is refused: %s', (_name, text) => {
  expect(faultsOf(text)).toEqual([`/csv/1 ${names}`])
})

const cell = (from: string, to: string) => row.replace(from, to)
test.each<[string, string, string]>([
  ['no lines', '', '/csv/1 line 1: there is no line after the header'],
  ['an amount of nothing', cell('100', '0'), '/csv/2/amount'],
  ['a negative amount', cell('100', '-100'), '/csv/2/amount'],
  ['a fraction', cell('100', '1.5'), '/csv/2/amount'],
  ['an exponent', cell('100', '1e2'), '/csv/2/amount'],
  ['hexadecimal digits', cell('100', '0x10'), '/csv/2/amount'],
  ['digits of another script', cell('100', '١٠٠'), '/csv/2/amount'],
  ['an amount one past exactness', cell('100', '9007199254740992'), '/csv/2/amount'],
  ['an amount of 400 digits', cell('100', '9'.repeat(400)), '/csv/2/amount'],
  ['no amount', cell('100', ''), '/csv/2/amount'],
  ['a formula as an amount', cell('100', '=1+1'), '/csv/2/amount'],
  ['a formula as a reference', cell('po_1', '"=HYPERLINK(""http://x"")"'), '/csv/2/reference'],
  ['a formula as a line id', cell('L1', '@SUM(A1)'), '/csv/2/lineId'],
  ['a negative fee', cell(',3,', ',-3,'), '/csv/2/fee'],
  ['a fee on a fee', cell('payout', 'fee'), '/csv/2/fee'],
  ['an unknown type', cell('payout', 'payment'), '/csv/2/type'],
  ['an unknown currency', cell('USD', 'XXX'), '/csv/2/currency'],
  ['a currency in small letters', cell('USD', 'usd'), '/csv/2/currency'],
  ['no time zone', cell('00:00Z', '00:00'), '/csv/2/settledAt'],
  ['a day that is not', cell('01-01', '02-30'), '/csv/2/settledAt'],
  ['NUL', cell('po_1', 'po\u0000'), '/csv/2/reference'],
  ['a line break inside a cell', cell('po_1', '"po\n1"'), '/csv/3/reference'],
  ['a blank before a cell', cell('po_1', ' po_1'), '/csv/2/reference'],
  ['no reference', cell('po_1', ''), '/csv/2/reference'],
  ['a reference of 201 characters', cell('po_1', 'x'.repeat(201)), '/csv/2/reference'],
  ['a cell of 5,000', cell('po_1', 'x'.repeat(5_000)), '/csv/2 line 2: is too long'],
  ['a provider in capitals', cell('stripe', 'Stripe'), '/csv/2/provider'],
  ['too few cells', 'stripe,L1', '/csv/2 line 2: has 2 cells, the header has 8'],
  ['too many cells', `${row},x`, '/csv/2 line 2: has 9 cells, the header has 8'],
  [
    'a quote that is not closed',
    cell('po_1', '"po_1'),
    '/csv/2 line 2: a quote is not where CSV has it, or is never closed',
  ],
  ['a quote inside a cell', cell('po_1', 'po"1'), '/csv/2 line 2: a quote is not where CSV has it, or is never closed'],
])('a line is refused with its number: %s', (_name, text, expected) => {
  const faults = faultsOf(`${header}\n${text}`)
  expect(faults).toHaveLength(1)
  expect(faults[0]).toMatch(expected.includes(' ') ? expected : new RegExp(`^${expected} line \\d`))
})

test('every wrong line is named, at most twenty of them', () => {
  expect(
    faultsOf([header, row, cell('100', 'x'), row, cell('USD', 'usd')].join('\n')).map((fault) => fault.split(' ')[0]),
  ).toEqual(['/csv/3/amount', '/csv/5/currency'])
  expect(faultsOf([header, ...Array.from({ length: 30 }, () => cell('100', 'x'))].join('\n'))).toHaveLength(20)
})

test('a file is of one provider and of at most a thousand lines', () => {
  expect(faultsOf([header, row, cell('stripe', 'paypal')].join('\n'))).toEqual([
    '/csv/3/provider line 3: a file is of one provider',
  ])
  const lines = (count: number) => [header, ...Array.from({ length: count }, () => row)].join('\n')
  expect(faultsOf(lines(1_000))).toEqual([])
  expect(faultsOf(lines(1_001))).toEqual(['/csv/1002 line 1002: at most 1000 lines'])
})
