import { expect, test } from 'vitest'
import { exported, sealAll, verified, workedLedger } from './sealed.ts'

test('an export proves the books from its bytes and the public key alone', async () => {
  const ledger = await workedLedger()
  await sealAll(ledger)
  const report = await verified(await exported(ledger), [ledger.keys.own])
  expect(report.checks.filter(({ broken }) => broken > 0)).toEqual([])
  expect(report.ok).toBe(true)
})
