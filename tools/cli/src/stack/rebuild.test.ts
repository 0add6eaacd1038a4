import { expect, test } from 'vitest'
import { describeDifference } from './rebuild.ts'

test('a row that differs is told in one line: what is kept, and what it should be', () => {
  const row = { account_id: 7, credits: 5, debits: 0 }
  const of = { projection: 'balances', id: '7' }
  expect(describeDifference({ ...of, was: row, computed: { ...row, credits: 6, debits: 1 } })).toBe(
    'balances 7: credits is 5, should be 6; debits is 0, should be 1',
  )
  expect(describeDifference({ ...of, was: null, computed: row })).toBe('balances 7: missing')
  expect(describeDifference({ ...of, was: row, computed: null })).toBe('balances 7: should not be there')
})
