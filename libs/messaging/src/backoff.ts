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

/** The least time between two starts of work on a stream that is never quite empty. */
const PACE_MS = 20

/**
 * Lets work gather. The first piece after a rest is taken up at once; under load a turn waits until 20 ms after the
 * one before, so that it finds a batch and not a single message: a statement, a commit or a confirm costs nearly the
 * same for fifty messages as for one. A full batch never waits.
 */
export function pacer({ monotonicMs, wait }: Clockwork) {
  let lastStartMs = Number.NEGATIVE_INFINITY
  return {
    async gather(isFull: () => boolean, signal?: AbortSignal): Promise<void> {
      const remainingMs = lastStartMs + PACE_MS - monotonicMs()
      if (remainingMs > 0 && !isFull()) await wait(remainingMs, signal)
      lastStartMs = monotonicMs()
    },
  }
}
