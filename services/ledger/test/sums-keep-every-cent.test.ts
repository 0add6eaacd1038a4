import { openDatabase } from '@tributary/database'
import { startTestService, type TestService, tokenFor } from '@tributary/testing'
import { beforeAll, expect, test } from 'vitest'
import { ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'
import { postTo, request } from './rig.ts'

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
