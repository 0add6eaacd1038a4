import { expect, it } from 'vitest'
import { bucketOf } from './bucket.ts'

const users = Array.from({ length: 10_000 }, (_, index) => `0190a1b2-c3d4-7000-8000-${String(index).padStart(12, '0')}`)

it('a user stays in their bucket', () => {
  expect(bucketOf('rule', 'user')).toBe(bucketOf('rule', 'user'))
  // Fixed for ever: another number would move users in and out of canaries that run.
  expect([bucketOf('rule', 'ann'), bucketOf('rule', 'bob')]).toMatchInlineSnapshot(`
    [
      25.41,
      54.87,
    ]
  `)
})

it.each([1, 10, 50])('about %i % of users are below that many', (percent) => {
  const share = users.filter((user) => bucketOf('rule', user) < percent).length / users.length
  expect(Math.abs(share * 100 - percent)).toBeLessThan(1.5)
})

it('another rule has other users first', () => {
  const first = users.filter((user) => bucketOf('one', user) < 10)
  const also = first.filter((user) => bucketOf('other', user) < 10)
  expect(also.length / first.length).toBeLessThan(0.15)
})
