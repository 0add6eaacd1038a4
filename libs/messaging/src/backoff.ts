/** Waiting, measured and interruptible. The one place where this library meets the machine's timers. */
export type Clockwork = Readonly<{
  monotonicMs(): number
  /** Resolves after the time, or at once when the signal is aborted. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>
  /** What the promise gives, or an error when it takes longer. */
  within<T>(timeoutMs: number, promise: Promise<T>): Promise<T>
}>

export const realClockwork: Clockwork = {
  monotonicMs: () => performance.now(),
  wait: (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, delayMs)
      signal?.addEventListener('abort', finish)
    }),
  within: (timeoutMs, promise) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`took longer than ${timeoutMs} ms`)), timeoutMs)
      promise.then(resolve, reject).finally(() => clearTimeout(timer))
    }),
}

/** Doubling waits with a jitter of half, so that processes that lost the same server do not return in step. */
export function backoff({ firstMs, maxMs }: { firstMs: number; maxMs: number }) {
  let currentMs = firstMs
  return {
    next(): number {
      const delayMs = currentMs / 2 + (Math.random() * currentMs) / 2
      currentMs = Math.min(currentMs * 2, maxMs)
      return delayMs
    },
    reset(): void {
      currentMs = firstMs
    },
  }
}

/** For each message of the last turn this much time may pass before the next one, up to the most. */
const PACE_MS_PER_MESSAGE = 4
const PACE_MS_MAX = 100

/**
 * Lets work gather. A statement, a commit or a confirm costs nearly the same for a hundred messages as for one; so
 * after a turn that found many, the next one starts a little later: at once below about 250 messages a second (a turn
 * finds one, and waits 4 ms), 100 ms apart above it. A full batch never waits.
 *
 * Measured with every service on two cores, at 20,000 payments: 1.76 ms of CPU per event at a fixed 20 ms, 1.43 at 100.
 */
export function pacer({ monotonicMs, wait }: Clockwork) {
  let lastStartMs = Number.NEGATIVE_INFINITY
  let gapMs = 0
  let hurry = new AbortController()
  return {
    /** Waits for its time. Answers when the next turn may start. */
    async gather(): Promise<void> {
      const remainingMs = lastStartMs + gapMs - monotonicMs()
      if (remainingMs > 0) await wait(remainingMs, hurry.signal)
      hurry = new AbortController()
      lastStartMs = monotonicMs()
    },
    /** Tells how much the turn found. */
    found(count: number): void {
      gapMs = Math.min(count * PACE_MS_PER_MESSAGE, PACE_MS_MAX)
    },
    /** A whole batch is there, or it is time to stop: wait no longer. */
    hurry(): void {
      hurry.abort()
    },
  }
}
