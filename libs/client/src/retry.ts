import { setTimeout as wait } from 'node:timers/promises'
import { ApiError } from './problem.ts'

export type Retries = Readonly<{
  /** Attempts in all; 1 tries once. */
  attempts?: number
  /** The first wait is at most this long; each one after it may be twice as long, up to `waitMsMax`. */
  waitMs?: number
  /** No wait is longer. Whoever asks for more patience than this (`Retry-After`) gets the error to the caller at once. */
  waitMsMax?: number
}>

/** What may be sent again after it failed. `never`: only what was certainly not taken. */
export type Repeatable = 'always' | 'never'

/** Tries again what failed for a reason that passes. Rejects with the last failure, or with the reason of `signal`. */
export async function withRetries<Answer>(
  { attempts = 5, waitMs = 200, waitMsMax = 10_000 }: Retries,
  repeatable: Repeatable,
  signal: AbortSignal | undefined,
  run: () => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      signal?.throwIfAborted()
      const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0
      if (attempt >= attempts || asked > waitMsMax || !passes(error, repeatable)) throw error
      // Full jitter: those who failed together do not come back together.
      const most = Math.min(waitMs * 2 ** (attempt - 1), waitMsMax)
      await wait(asked + Math.random() * most, undefined, signal === undefined ? {} : { signal }).catch(() => {
        signal?.throwIfAborted()
      })
    }
  }
}

/** Of these a service or the proxy before it says that it is for now. 503, 502 and 504 leave open what was done. */
const unsure: readonly number[] = [502, 503, 504]

/** The connection was never made, so nothing was sent on it. */
const neverSent: readonly string[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']

function passes(error: unknown, repeatable: Repeatable): boolean {
  if (error instanceof ApiError)
    return error.status === 429 || (repeatable === 'always' && unsure.includes(error.status))
  if (repeatable === 'always') return isNetworkError(error)
  return codesOf(error).some((code) => neverSent.includes(code))
}

/** A TypeError of fetch whose cause is of the network, or our own time limit. */
function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || (error instanceof TypeError && error.cause !== undefined)
}

/** Where a name has several addresses, each attempt has an error of its own. */
function codesOf(error: unknown): string[] {
  const { code, cause, errors } = (error ?? {}) as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
  const own = typeof code === 'string' ? [code] : []
  return [...own, ...(cause === undefined ? [] : codesOf(cause)), ...(errors ?? []).flatMap(codesOf)]
}
