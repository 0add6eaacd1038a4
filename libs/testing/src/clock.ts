/** A clock that runs like the real one, and can be put forward. */
export type TestClock = Readonly<{
  now: () => Date
  /** Puts it forward for everyone who shares it. 30 days in all at most: messages that look older than the inbox's window are parked. */
  forward(by: Readonly<{ days?: number; hours?: number; minutes?: number; seconds?: number }>): void
}>

const MAX_MS = 30 * 86_400_000

export function testClock(): TestClock {
  let aheadMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    forward({ days = 0, hours = 0, minutes = 0, seconds = 0 }) {
      aheadMs += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000
      if (aheadMs > MAX_MS) throw new Error('a test clock goes 30 days ahead at most')
    },
  }
}
