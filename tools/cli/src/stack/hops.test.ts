import { expect, test } from 'vitest'
import { isPosted, stuckBecause } from './hops.ts'

const at = '2026-03-01T12:00:00Z'
const earned = { service: 'rewards', kind: 'reward', id: 'r', outcome: 'earned', at }
const posted = { service: 'ledger', kind: 'transfer.earn', id: 't', outcome: 'posted', at }
const event = (status: string, effects = [earned, posted]) => ({ eventId: 'e', receivedAt: at, status, effects })

test.each([
  ['received', [], false],
  ['processed', [], true],
  ['processed', [earned], false],
  ['processed', [earned, posted], true],
  ['ignored', [], true],
  ['parked', [], true],
])('%s with %o has come to its end: %s', (status, effects, isAtItsEnd) => {
  expect(isPosted(event(status, effects))).toBe(isAtItsEnd)
})

test.each([
  ['parked', /dead-letters/],
  ['deferred', /the plan/],
])('%s is an end that somebody has to look at, and it is told how', (status, why) => {
  expect(stuckBecause(event(status))).toMatch(why)
})

test.each(['processed', 'ignored', 'received'])('%s is none', (status) => {
  expect(stuckBecause(event(status))).toBeNull()
})
