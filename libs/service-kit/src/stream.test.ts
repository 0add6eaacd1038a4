import { expect, test } from 'vitest'
import { takesGzip } from './stream.ts'

test.each([
  [undefined, false],
  ['', false],
  ['gzip', true],
  ['br, GZIP;q=0.5', true],
  ['x-gzip', true],
  ['gzip;q=0', false],
  ['gzip; q=0.0', false],
  ['identity', false],
  ['gzipped', false],
])('Accept-Encoding: %s takes gzip: %s', (accepted, taken) => {
  expect(takesGzip(accepted)).toBe(taken)
})
