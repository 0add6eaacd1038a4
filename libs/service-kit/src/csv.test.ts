import { expect, test } from 'vitest'
import { csvLine, csvText, fromCsvCell, prefersCsv } from './csv.ts'

test.each([
  [['plain', 1, -2n, null, ''], 'plain,1,-2,,\r\n'],
  [['a,b', 'say "no"', 'two\nlines', ' blank'], '"a,b","say ""no""","two\nlines"," blank"\r\n'],
  [['=1+1', '+1', '-1', '@SUM(A1)', '＝1'], "'=1+1,'+1,'-1,'@SUM(A1),'＝1\r\n"],
  [['\t=1', '\r', '  =cmd|x', '=a,"b"'], `'\t=1,"'\r",'  =cmd|x,"'=a,""b"""\r\n`],
  [['2026-01-01T00:00:00Z', '1-2', 'a=b'], '2026-01-01T00:00:00Z,1-2,a=b\r\n'],
])('a line of CSV is what RFC 4180 says and starts no formula: %o', (cells, text) => {
  expect(csvLine(cells)).toBe(text)
})

test.each(['=1', "'=1", "''-1", "'", "'tis", '  =cmd', "' =cmd", '\t', "'\t", 'plain', '', '\uff0b1'])(
  'what goes out of a cell comes in again: %o',
  (text) => {
    const cell = csvLine([text]).slice(0, -2)
    const unquoted = cell.startsWith('"') ? cell.slice(1, -1) : cell
    expect(fromCsvCell(unquoted)).toBe(text)
  },
)

test.each([
  [undefined, false],
  ['*/*', false],
  ['application/json', false],
  ['text/csv', true],
  ['TEXT/CSV; charset=utf-8', true],
  ['application/json, text/csv', false],
  ['application/json;q=0.5, text/csv', true],
  ['text/csv;q=0.1, */*;q=0', true],
  ['text/csv;q=0, */*', false],
  ['text/*, application/json;q=0.9', true],
  ['text/csv;q=nonsense', false],
  ['', false],
])('Accept: %s asks for CSV: %s', (accept, wanted) => {
  expect(prefersCsv({ headers: accept === undefined ? {} : { accept } })).toBe(wanted)
})

test('lines leave in pieces, whole and in order', async () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => [index, 'some text'])
  const pieces: string[] = []
  for await (const piece of csvText(lines)) pieces.push(piece)
  expect(pieces.length).toBeGreaterThan(3)
  expect(pieces.join('')).toBe(lines.map(csvLine).join(''))
})
