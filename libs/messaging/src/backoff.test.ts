import { describe, expect, it } from 'vitest'
import { backoff, type Clockwork, pacer } from './backoff.ts'

/** A clock that waits by moving on. */
function clock() {
  let nowMs = 0
  const waits: number[] = []
  const clockwork: Clockwork = {
    monotonicMs: () => nowMs,
    async wait(ms, signal) {
      if (signal?.aborted) return
      waits.push(ms)
      nowMs += ms
    },
    within: (_ms, promise) => promise,
  }
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { clockwork, waits, pass }
}

describe('a pacer', () => {
  it('lets the first turn, and the first after a rest, start at once', async () => {
    const { clockwork, waits, pass } = clock()
    const pace = pacer(clockwork)
    await pace.gather()
    pace.found(50)
    pass(5_000)
    await pace.gather()
    expect(waits).toEqual([])
  })

  it.each([
    [0, []],
    [1, [4]],
    [10, [40]],
    [200, [100]],
  ])('waits longer the more the turn before found: %s messages', async (count, expected) => {
    const { clockwork, waits } = clock()
    const pace = pacer(clockwork)
    await pace.gather()
    pace.found(count)
    await pace.gather()
    expect(waits).toEqual(expected)
  })

  it('waits no longer when it is told to hurry, and only that once', async () => {
    const { clockwork, waits } = clock()
    const pace = pacer(clockwork)
    await pace.gather()
    pace.found(200)
    pace.hurry()
    await pace.gather()
    expect(waits).toEqual([])
    await pace.gather()
    expect(waits).toEqual([100])
  })
})

describe('a backoff', () => {
  it('doubles up to its most, never below half of it, and starts over when reset', () => {
    const delays = backoff({ firstMs: 100, maxMs: 400 })
    for (const bound of [100, 200, 400, 400]) {
      const delay = delays.next()
      expect(delay).toBeGreaterThanOrEqual(bound / 2)
      expect(delay).toBeLessThanOrEqual(bound)
    }
    delays.reset()
    expect(delays.next()).toBeLessThanOrEqual(100)
  })
})
