import { expect, test } from 'vitest'
import { adminRoutes } from './generated/admin.ts'
import { everyRoutes } from './generated/every.ts'
import { fraudRoutes } from './generated/fraud.ts'
import { ingestRoutes } from './generated/ingest.ts'
import { ledgerRoutes } from './generated/ledger.ts'
import { payoutsRoutes } from './generated/payouts.ts'
import { rewardsRoutes } from './generated/rewards.ts'
import { everyOperation, operations, ownWays } from './operations.ts'

const routes = {
  ingest: ingestRoutes,
  rewards: rewardsRoutes,
  ledger: ledgerRoutes,
  payouts: payoutsRoutes,
  fraud: fraudRoutes,
  admin: adminRoutes,
}

test.each(Object.keys(routes) as (keyof typeof routes)[])(
  'every route of %s can be called: give a new one its name in libs/client/src/operations.ts',
  (service) => {
    const named = Object.values<string>(operations[service])
    expect(Object.keys(routes[service]).filter((route) => !named.includes(route) && !(route in ownWays))).toEqual([])
  },
)

test('so can the routes that every service has', () => {
  expect(Object.values(everyOperation).toSorted()).toEqual(Object.keys(everyRoutes).toSorted())
})

test('no name stands for two routes, and no route has two names', () => {
  const all = [...Object.values(operations), everyOperation].flatMap((names) => Object.keys(names))
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([])
  for (const names of Object.values(operations)) {
    const called = Object.values<string>(names)
    expect(called.filter((route, index) => called.indexOf(route) !== index || route in ownWays)).toEqual([])
  }
})
