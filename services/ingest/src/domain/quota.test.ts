import { expect, it } from 'vitest'
import { leaseSize, monthOf, nextMonth, noticesDue, usedRatio } from './quota.ts'

it.each([
  ['2026-03-31T23:59:59.999Z', '2026-03-01', '2026-04-01T00:00:00.000Z'],
  ['2026-04-01T00:00:00.000Z', '2026-04-01', '2026-05-01T00:00:00.000Z'],
  ['2026-04-01T01:30:00.000+02:00', '2026-03-01', '2026-04-01T00:00:00.000Z'],
  ['2025-12-31T12:00:00.000Z', '2025-12-01', '2026-01-01T00:00:00.000Z'],
])('%s is of the month %s, which ends at %s', (at, month, end) => {
  expect(monthOf(new Date(at))).toBe(month)
  expect(nextMonth(new Date(at)).toISOString()).toBe(end)
})

it.each([
  [0, 1],
  [50, 1],
  [10_000, 100],
  [1_000_000, 5_000],
  [2 ** 53 - 1, 5_000],
])('of a quota of %i a process takes %i at a time', (quota, size) => expect(leaseSize(quota)).toBe(size))

it.each([
  [7_999, 10_000, []],
  [8_000, 10_000, [80]],
  [10_000, 10_000, [80, 100]],
  [12_000, 10_000, [80, 100]],
  [0, 0, [80, 100]],
  [10 ** 9, null, []],
])('with %i of %j used, the admin is told of %j', (used, quota, due) => expect(noticesDue(used, quota)).toEqual(due))

it.each([
  [50, 100, 0.5],
  [150, 100, 1.5],
  [3, 0, 1],
  [3, null, 0],
])('%i of %j is a share of %d', (used, quota, share) => expect(usedRatio(used, quota)).toBe(share))
