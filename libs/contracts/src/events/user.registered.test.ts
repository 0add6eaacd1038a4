import { expect, it } from 'vitest'
import { userRegistered } from './user.registered.ts'

const touch = { code: 'ANN', at: '2026-05-01T10:00:00Z' }
const read = (touches: unknown) => userRegistered.data.safeParse({ externalUserId: 'bob', touches }).success

it.each([
  ['none at all', undefined, true],
  ['an empty list', [], true],
  ['as many as there may be', Array(50).fill(touch), true],
  ['one more', Array(51).fill(touch), false],
  ['more in one than we read', [{ ...touch, landingPage: '/' }], true],
  ['an offset', [{ ...touch, at: '2026-05-01T12:00:00+02:00' }], true],
  ['no time', [{ code: 'ANN' }], false],
  ['a time without an offset', [{ ...touch, at: '2026-05-01T10:00:00' }], false],
  ['a number for a time', [{ ...touch, at: 1777629600 }], false],
  ['no code', [{ at: touch.at }], false],
  ['a code that is too long', [{ ...touch, code: 'x'.repeat(65) }], false],
  ['codes alone', ['ANN'], false],
  ['null', null, false],
])('touches: %s', (_, touches, isRead) => {
  expect(read(touches)).toBe(isRead)
})
