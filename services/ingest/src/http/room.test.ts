import { expect, it } from 'vitest'
import { newRoom } from './room.ts'

it('takes what fits, refuses what does not with when to come back, and has again what was given back', () => {
  const room = newRoom(100_000)
  const give = [room.take(40_000), room.take(40_000)]
  let refusal: unknown
  try {
    room.take(40_000)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toMatchObject({ code: 'temporarily_unavailable', status: 503 })
  give[0]!()
  expect(() => room.take(40_000)).not.toThrow()
  // Small ones cost something, too.
  expect(() => Array.from({ length: 50 }, () => room.take(1))).toThrow()
})
