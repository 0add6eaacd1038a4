import { expect, test } from 'vitest'
import { newFailedAttempts } from './failed-attempts.ts'

const shop = [{ key: 'shop', failuresMax: 3 }]
const limits = { windowMs: 60_000, keysMax: 3 }

test('after its failures a suspect waits until the window is over', () => {
  const attempts = newFailedAttempts(limits)
  for (let i = 0; i < 3; i++) {
    expect(attempts.waitMs(shop, 1_000 * i)).toBe(0)
    attempts.add(shop, 1_000 * i)
  }
  expect(attempts.waitMs(shop, 10_000)).toBe(50_000)
  expect(attempts.waitMs(shop, 60_000)).toBe(0)
  attempts.add(shop, 60_000)
  expect(attempts.waitMs(shop, 60_001)).toBe(0)
})

test('the strictest of several suspects counts, and others are not held up', () => {
  const attempts = newFailedAttempts(limits)
  const both = [{ key: 'address', failuresMax: 100 }, ...shop]
  for (let i = 0; i < 3; i++) attempts.add(both, 0)
  expect(attempts.waitMs(both, 0)).toBe(60_000)
  expect(
    attempts.waitMs(
      [
        { key: 'address', failuresMax: 100 },
        { key: 'other', failuresMax: 3 },
      ],
      0,
    ),
  ).toBe(0)
})

test('it remembers only so many', () => {
  const attempts = newFailedAttempts(limits)
  for (let i = 0; i < 3; i++) attempts.add(shop, 0)
  for (const key of ['a', 'b', 'c']) attempts.add([{ key, failuresMax: 3 }], 0)
  expect(attempts.waitMs(shop, 0)).toBe(0)
})
