import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until `ask` answers something, and gives that back. Asks again after 10 ms, then less and less often; after
 * `timeoutMs` it fails, saying what it waited for and what the last answer lacked.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | Missing | undefined | false> | T | Missing | undefined | false,
  { timeoutMs = 20_000 }: { timeoutMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let waitMs = 10; ; waitMs = Math.min(waitMs * 1.5, 150)) {
    const answer = await ask()
    if (answer !== undefined && answer !== false && !(answer instanceof Missing)) return answer
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}${answer instanceof Missing ? `:\n${answer.why}` : ''}`)
    }
    await sleep(waitMs)
  }
}

/** Not yet, and why. */
export class Missing {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}
