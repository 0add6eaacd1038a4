import { Problem } from '@tributary/service-kit'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { IngestConfig } from '../config.ts'
import { addressGroup } from '../domain/address-group.ts'

export type RateLimits = Readonly<{
  /** Before anything is computed for a request, so that a flood from one address costs little. Throws `rate_limited`. */
  admitAddress(address: string): Promise<void>
  /** After the signature, so that nobody but the sender can use up the sender's share. Throws `rate_limited`. */
  admitSigned(): Promise<void>
}>

/** Seconds in which requests are counted. */
const WINDOW = 1

/** Counted in memory: each process has its own limits, and a restart forgets what was counted. */
export function newRateLimits(config: IngestConfig): RateLimits {
  const address = newLimit('address', config.INGEST_RATE_LIMIT_ADDRESS_PER_SECOND)
  const all = newLimit('all', config.INGEST_RATE_LIMIT_PER_SECOND)
  return { admitAddress: (from) => address(addressGroup(from)), admitSigned: () => all('all') }
}

function newLimit(name: string, quota: number): (key: string) => Promise<void> {
  const limiter = new RateLimiterMemory({ points: quota, duration: WINDOW })
  return async (key) => {
    try {
      await limiter.consume(key)
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
      throw new Problem('rate_limited', {
        detail: `more than ${quota} requests a second`,
        // draft-ietf-httpapi-ratelimit-headers-10
        headers: {
          'retry-after': String(seconds),
          'ratelimit-policy': `"${name}";q=${quota};w=${WINDOW}`,
          ratelimit: `"${name}";r=0;t=${seconds}`,
        },
      })
    }
  }
}
