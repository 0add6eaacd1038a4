import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { newSealing } from './sealing.ts'

const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
const sealing = newSealing(first)

it('what is sealed can be opened, and is never the same twice', () => {
  const sealed = sealing.seal('a secret', 'whsec_1')
  expect(sealing.open('a secret', sealed)).toBe('whsec_1')
  expect(sealed.includes('whsec_1')).toBe(false)
  expect(sealing.seal('a secret', 'whsec_1').equals(sealed)).toBe(false)
})

it('what was changed, cut, or sealed for something else is not opened', () => {
  const sealed = sealing.seal('a secret', 'whsec_1')
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed)
    changed[index]! ^= 1
    expect(() => sealing.open('a secret', changed)).toThrow()
  }
  expect(() => sealing.open('a secret', sealed.subarray(0, -1))).toThrow()
  expect(() => sealing.open('another', sealed)).toThrow()
})

it('a key is replaced by putting a new one before it', () => {
  const sealed = sealing.seal('a secret', 'whsec_1')
  const both = newSealing(`${second},${first}`)
  expect(both.open('a secret', sealed)).toBe('whsec_1')
  expect(() => newSealing(second).open('a secret', sealed)).toThrow('SECRETS_KEY')
  expect(newSealing(second).open('a secret', both.seal('a secret', 'whsec_2'))).toBe('whsec_2')
})
