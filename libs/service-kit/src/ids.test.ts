import { expect, it } from 'vitest'
import { newIds } from './ids.ts'

it('ids are UUIDv7, differ, and grow, also within a millisecond', () => {
  const newId = newIds()
  const ids = Array.from({ length: 10_000 }, newId)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(10_000)
  expect(ids).toEqual(ids.toSorted())
})

it('ids hold their time, and grow where the clock is set back', () => {
  const times = [0x017f22e279b0, 0x017f22e279b0 - 5_000, 0x017f22e279b1]
  const newId = newIds(() => times.shift()!)
  const [first, second, third] = [newId(), newId(), newId()]
  expect(first.slice(0, 13)).toBe('017f22e2-79b0')
  expect([first, second, third]).toEqual([first, second, third].toSorted())
  expect(third.slice(0, 13)).toBe('017f22e2-79b1')
})

it('two makers do not make the same', () => {
  const [one, other] = [newIds(), newIds()]
  const ids = Array.from({ length: 1_000 }, () => [one(), other()]).flat()
  expect(new Set(ids).size).toBe(2_000)
})
