/** Failed sign-ins, counted by what they have in common: an address, a client, both. */
export type FailedAttempts = Readonly<{
  /** Milliseconds to wait before another try is looked at; 0 for none. */
  waitMs(suspects: readonly Suspect[], nowMs: number): number
  add(suspects: readonly Suspect[], nowMs: number): void
}>

/** What tries have in common, and how often those may fail in a window. */
export type Suspect = Readonly<{ key: string; failuresMax: number }>

type Count = { failures: number; since: number }

/**
 * Allows each suspect its failures in a window, then no try until the window is over. Right secrets are never counted.
 * Kept in memory: each process counts for itself, so N processes allow N times as much, which is still far from enough to guess.
 */
export function newFailedAttempts({ windowMs, keysMax }: Limits): FailedAttempts {
  const counts = new Map<string, Count>()
  const current = (key: string, nowMs: number): Count | null => {
    const count = counts.get(key)
    return count !== undefined && nowMs - count.since < windowMs ? count : null
  }
  return {
    waitMs(suspects, nowMs) {
      const waits = suspects.map(({ key, failuresMax }) => {
        const count = current(key, nowMs)
        return count !== null && count.failures >= failuresMax ? count.since + windowMs - nowMs : 0
      })
      return Math.max(0, ...waits)
    },
    add(suspects, nowMs) {
      for (const { key } of suspects) {
        const count = current(key, nowMs) ?? { failures: 0, since: nowMs }
        count.failures++
        // Taken out and put back, so the oldest entry is the first; that one goes when there are too many.
        counts.delete(key)
        counts.set(key, count)
        if (counts.size > keysMax) counts.delete(counts.keys().next().value!)
      }
    },
  }
}

type Limits = Readonly<{ windowMs: number; keysMax: number }>
