import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Status, statuses } from './status.ts'

const folder = new URL('.', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')

/** The statuses that the lines of the tables end with. */
const played = new Set(
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => read(name).split('\n'))
    .flatMap((line) => /^ {4}(?:\w+ ){1,}.* (\w+)$/.exec(line)?.[1] ?? []),
)

test('every answer of the ledger is the end of a line in some table', () => {
  const missing = (Object.keys(statuses) as Status[]).filter((status) => !played.has(status))
  expect(missing).toEqual([])
})

test('every answer says whether the same request can ever be answered differently', () => {
  const comments = [...read('status.ts').matchAll(/\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s+(\w+): '(\w+)'/g)]
  expect(comments.map(([, , status]) => status)).toEqual(Object.keys(statuses))
  const silent = comments.filter(([, text]) => !/never|succeeds|succeed/i.test(text!)).map(([, , status]) => status)
  expect(silent).toEqual([])
})
