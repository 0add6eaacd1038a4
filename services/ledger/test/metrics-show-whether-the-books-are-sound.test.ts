import { query } from '@tributary/database'
import { startTestService, type TestService, testClock, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { ledger } from '../src/app.ts'
import { configShape } from '../src/config.ts'
import { verifyEverything } from '../src/steps/verify-everything.ts'
import { verifyNextBatches } from '../src/steps/verify-new-entries.ts'
import { newSigningKey } from './keys.ts'
import { postTo, request } from './rig.ts'

const own = configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey() })

/** The ledger's own gauges of a process, by name and labels. */
async function gauges({ metricsUrl }: TestService): Promise<Record<string, number>> {
  const text = await (await fetch(metricsUrl)).text()
  const lines = text.split('\n').flatMap((line) => /^tributary_ledger_(\S+) (\S+)$/.exec(line) ?? [])
  return Object.fromEntries(lines.flatMap((_, at) => (at % 3 === 0 ? [[lines[at + 1]!, Number(lines[at + 2]!)]] : [])))
}

const sound = {
  balance_drift_accounts: 0,
  failed_checks: 0,
  clearing_overdue: 0,
  verification_lag_batches: 0,
}

test('they are there from the start, the same in every process, and right after a restart', async () => {
  const clock = testClock()
  const one = await startTestService('ledger', ledger, { own, clock })
  expect(await gauges(one)).toMatchObject(sound)
  // Its jobs verify as soon as they run; from here on the test does it itself.
  await until('the first verifications', async () => {
    const found = await gauges(one)
    return found.last_verified_timestamp_seconds! > 0 && found.new_entries_verified_timestamp_seconds! > 0
  })
  const verifier = { db: one.db, now: clock.now, newId: v7, clearingMaxAgeDays: 7 }
  const noProofs = async () => ({ names: [], run: async () => ({ checks: [], notCovered: [] }) })
  const earn = request('earn')
  await postTo(one.db, earn, request('earn', { currency: 'EUR' }))
  expect((await gauges(one)).verification_lag_batches).toBe(1)
  await postTo(one.db, { ...earn, kind: 'release', causeId: v7(), amount: 60n })
  await verifyNextBatches(verifier)
  const other = await startTestService('ledger', ledger, { own, clock, database: one.database, broker: one.broker })
  const expected = {
    ...sound,
    'imbalance_minor_units{currency="USD"}': 0,
    'imbalance_minor_units{currency="EUR"}': 0,
    'liability_minor_units{currency="USD",kind="user:pending"}': 40,
    'liability_minor_units{currency="USD",kind="user:available"}': 60,
    'liability_minor_units{currency="USD",kind="user:in_payout"}': 0,
    'liability_minor_units{currency="EUR",kind="user:pending"}': 100,
  }
  for (const each of [one, other]) expect(await gauges(each)).toMatchObject(expected)

  // A superuser was here.
  await one.database.db.transaction(async (tx) => {
    await tx.raw('set local session_replication_role = replica')
    await tx.raw('update ledger_entries set amount = amount + 7 where account_id = 2 and version = 1')
    await tx.raw('update balances set credits = credits + 1 where account_id = 4')
  })
  expect(await gauges(one)).toMatchObject(sound)
  await verifyEverything(verifier, noProofs)
  for (const each of [one, other]) {
    expect(await gauges(each)).toMatchObject({
      'imbalance_minor_units{currency="USD"}': -7,
      'imbalance_minor_units{currency="EUR"}': 0,
      balance_drift_accounts: 2,
    })
    expect((await gauges(each)).failed_checks).toBeGreaterThanOrEqual(4)
  }
})

test('what is new and broken shows at once, and so does money that does not arrive', async () => {
  const clock = testClock()
  const service = await startTestService('ledger', ledger, { own, clock })
  const verifier = { db: service.db, now: clock.now, newId: v7, clearingMaxAgeDays: 7 }
  await until(
    'the first verifications',
    async () => (await gauges(service)).new_entries_verified_timestamp_seconds! > 0,
  )
  const earn = request('earn')
  await postTo(service.db, earn)
  await postTo(service.db, { ...earn, kind: 'release', causeId: v7() })
  await postTo(service.db, request('reserve', { userId: earn.userId }))
  await verifyNextBatches(verifier)
  clock.forward({ days: 8 })
  await verifyNextBatches(verifier)
  expect(await gauges(service)).toMatchObject({ clearing_overdue: 1 })
  await postTo(service.db, request('earn'))
  await query(service.database.db, 'update balances set version = version + 1')
  await verifyNextBatches(verifier)
  expect(await gauges(service)).toMatchObject({ verification_lag_batches: 1, balance_drift_accounts: 2 })
})
