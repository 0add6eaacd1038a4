import type { Database } from '@tributary/database'
import { Problem } from '@tributary/service-kit'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { IngestConfig } from '../config.ts'
import { addressGroup } from '../domain/address-group.ts'
import { countIntakeProcesses } from '../store/intake-processes.ts'

type Headers = Readonly<Record<string, string>>

export type RateLimits = Readonly<{
  /** Before anything is computed for a request, so that a flood from one address costs little. Throws `rate_limited`. */
  admitAddress(address: string): Promise<void>
  /**
   * After the signature, so that nobody but the sender can use up the sender's share. Throws `rate_limited`. Answers
   * what to tell a sender that has nearly used it up.
   */
  admitSigned(source: string): Promise<Headers | undefined>
  /** Looks, at most once a second and in the background, how many processes share the limits. */
  share(db: Database, newId: () => string): void
}>

/** Seconds in which requests are counted. */
const WINDOW = 1
/** Once so many-th of the limit are left, an accepted webhook is told. Before, the headers would cost and say nothing. */
const TOLD_FROM = 5
const SHARE_EVERY_MS = 1_000
/** A process that took nothing in for so long needs no share; it says itself again with its first webhook. */
const SHARED_WITHIN_SECONDS = 3

/**
 * Counted in memory, each process its part of the limits: as many as took webhooks in within the last 3 s divide them.
 * Decision 0032 says how far that may be off.
 */
export function newRateLimits(config: IngestConfig): RateLimits {
  const limits = {
    address: newLimit('address', config.INGEST_RATE_LIMIT_ADDRESS_PER_SECOND),
    source: newLimit('source', config.INGEST_RATE_LIMIT_SOURCE_PER_SECOND),
    all: newLimit('all', config.INGEST_RATE_LIMIT_PER_SECOND),
  }
  let id: string | null = null
  let sharedAtMs = Number.NEGATIVE_INFINITY
  return {
    async admitAddress(address) {
      await limits.address.admit(addressGroup(address))
    },
    async admitSigned(source) {
      const told = await limits.source.admit(source)
      return (await limits.all.admit('all')) ?? told
    },
    share(db, newId) {
      if (performance.now() - sharedAtMs < SHARE_EVERY_MS) return
      sharedAtMs = performance.now()
      id ??= newId()
      countIntakeProcesses(db, id, SHARED_WITHIN_SECONDS).then(
        (processes) => {
          for (const limit of Object.values(limits)) limit.divide(processes)
        },
        // Without the database nothing is taken in; the division stays as it was.
        () => {},
      )
    },
  }
}

function newLimit(name: string, quota: number) {
  const limiter = new RateLimiterMemory({ points: quota, duration: WINDOW })
  const policy = `"${name}";q=${quota};w=${WINDOW}`
  return {
    divide(processes: number) {
      limiter.points = Math.ceil(quota / processes)
    },
    /** Answers draft-ietf-httpapi-ratelimit-headers-10's headers where the limit is near. */
    async admit(key: string): Promise<Headers | undefined> {
      try {
        const { remainingPoints, msBeforeNext } = await limiter.consume(key)
        if (remainingPoints > limiter.points / TOLD_FROM) return undefined
        return { 'ratelimit-policy': policy, ratelimit: `"${name}";r=${remainingPoints};t=${secondsOf(msBeforeNext)}` }
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
        const seconds = secondsOf(refusal.msBeforeNext)
        throw new Problem('rate_limited', {
          detail: `more than ${quota} requests a second`,
          headers: {
            'retry-after': String(seconds),
            'ratelimit-policy': policy,
            ratelimit: `"${name}";r=0;t=${seconds}`,
          },
        })
      }
    },
  }
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000))
