import { openDatabase } from '@tributary/database'
import { startTestService, type TestService, tokenFor } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { ledger } from '../src/app.ts'
import { verifyNextBatches } from '../src/steps/verify-new-entries.ts'
import { findLiability } from '../src/store/liability.ts'
import { findTrialBalance, sumBackTo, sumUpTo } from '../src/store/trial-balance.ts'
import { usualConditions, verifyBooks } from '../src/store/verify-books.ts'
import { newSigningKey } from './keys.ts'
import { openLedger, postTo, request } from './rig.ts'

const MOST = 9_007_199_254_740_991n
const SUM = String(3n * MOST)

let service: TestService

beforeAll(async () => {
  service = await startTestService('ledger', ledger, {
    own: {
      LEDGER_SIGNING_KEY: newSigningKey(),
      LEDGER_ADJUSTMENT_APPROVAL_ABOVE: 10_000,
      LEDGER_CLEARING_MAX_AGE_DAYS: 7,
    },
  })
  const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
  for (let user = 0; user < 3; user++) await postTo(db, request('earn', { amount: MOST }))
  await db.destroy()
})

async function get(path: string, accept: string): Promise<{ status: number; text: string }> {
  const headers = { authorization: `Bearer ${await tokenFor(['ledger:read'])}`, accept }
  const response = await service.fetch(path, { headers })
  return { status: response.status, text: await response.text() }
}

test('the trial balance of many users says every digit, however large the sum', async () => {
  const json = await get('/api/v1/trial-balance', 'application/json')
  expect(json.status).toBe(200)
  expect(json.text).toContain(`"account":"user:pending","currency":"USD","debits":0,"credits":${SUM},"balance":${SUM}`)
  expect(json.text).toContain(`"totals":[{"currency":"USD","debits":${SUM},"credits":${SUM}}]`)
  expect((await get('/api/v1/trial-balance', 'text/csv')).text).toContain(`total,USD,${SUM},${SUM},`)
})

test('the ages of a liability sum to it, however large it is', async () => {
  const json = await get('/api/v1/liability', 'application/json')
  expect(json.status).toBe(200)
  expect(json.text).toContain(`"account":"user:pending","currency":"USD","balance":${SUM},"days0To30":${SUM},`)
  expect(json.text).toContain(`"toUsers":${SUM},"fromUsers":0,"toProviders":0,"total":${SUM}`)
  const csv = await get('/api/v1/liability', 'text/csv')
  expect(csv.text).toContain(`user:pending,USD,${SUM},${SUM},0,0,0,0`)
})

test('sums that 64 bits cannot hold are said, and verified, to the last digit', async () => {
  const { db } = await openLedger()
  const users = 1_100
  await postTo(db, ...Array.from({ length: users }, () => request('earn', { amount: MOST })))
  const sum = BigInt(users) * MOST
  const now = new Date().toISOString()
  for (const lines of [await findTrialBalance(db), await sumUpTo(db, now), await sumBackTo(db, now)]) {
    expect(lines.find(({ account }) => account === 'user:pending')).toMatchObject({ credits: sum, balance: sum })
  }
  const [line] = await findLiability(db, now, undefined)
  expect(line).toMatchObject({ account: 'user:pending', balance: sum, days0To30: sum })
  const verifier = { db, now: () => new Date(), newId: () => v7(), clearingMaxAgeDays: 7 }
  expect((await verifyNextBatches(verifier))?.status).toBe('passed')
  expect((await verifyBooks(db, usualConditions)).status).toBe('passed')
})
