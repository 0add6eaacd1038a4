import fc from 'fast-check'
import type { FingerprintedRequest } from '../src/domain/books.ts'
import { contentLine, contentOf, type HoldRequest, type RewardRequest } from '../src/domain/request.ts'

const users = ['018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000b']

type Reward = Readonly<{ user: string; granted: number; releases: number[]; reversals: number[]; holds: number }>
export type HistoryRequest = (RewardRequest | HoldRequest) & FingerprintedRequest

const rewards: fc.Arbitrary<Reward[]> = fc.array(
  fc.record({
    user: fc.constantFrom(...users),
    granted: fc.integer({ min: 1, max: 100 }),
    releases: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 2 }),
    // More than was granted, sometimes: a fault of whoever asks, and still no reason to depend on the order.
    reversals: fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 4 }),
    // Hold, resume, hold again: after an odd number of them it is held.
    holds: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 5 },
)

/** Requests of a few rewards of two users, in any order, some of them more than once. All have their earning. */
export const histories = rewards.chain((list) => {
  const requests = list.flatMap((reward, index) => toRequests(reward, index))
  const again = fc.subarray(requests)
  return again.chain((twice) => {
    const all = [...requests, ...twice]
    return fc
      .shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
      .map((shuffled) => ({ requests: shuffled, users }))
  })
})

function toRequests({ user, granted, releases, reversals, holds }: Reward, index: number): HistoryRequest[] {
  const rewardId = idOf(index, 0)
  let count = 0
  const asked = (amount: number) => ({
    causeId: idOf(index, ++count),
    rewardId,
    userId: user,
    amount: BigInt(amount),
    currency: 'USD' as const,
  })
  const requests: (RewardRequest | HoldRequest)[] = [
    { kind: 'earn', ...asked(granted) },
    ...releases.map((amount) => ({ kind: 'release' as const, ...asked(amount) })),
    ...reversals.map((amount) => ({ kind: 'reverse' as const, ...asked(amount) })),
    ...Array.from({ length: holds }, (_, at) => ({
      kind: at % 2 === 0 ? ('hold' as const) : ('resume' as const),
      ...asked(granted),
      sequence: at + 1,
    })),
  ]
  return requests.map((request) => ({ ...request, fingerprint: contentLine(contentOf(request)) }))
}

const idOf = (reward: number, cause: number) =>
  `018f0000-0000-7000-9000-${String(reward).padStart(6, '0')}${String(cause).padStart(6, '0')}`

/**
 * Where the money must be in the end, without playing anything: of a reward that was granted g, asked to be released x in all
 * and taken back y in all, g - y is left; all of that is held, or what is left beyond x is still pending.
 */
export function expectedBalances(requests: readonly HistoryRequest[]) {
  const unique = [...new Map(requests.map((request) => [request.causeId, request])).values()]
  const byReward = [...Map.groupBy(unique, (request) => request.rewardId).values()]
  return (user: string) => {
    let [pending, held, earned] = [0n, 0n, 0n]
    for (const mine of byReward.filter((list) => list[0]?.userId === user)) {
      const total = (kind: HistoryRequest['kind']) =>
        mine.filter((request) => request.kind === kind).reduce((sum, { amount }) => sum + amount, 0n)
      const changes = mine.filter(({ kind }) => kind === 'hold' || kind === 'resume').length
      const left = atLeastZero(total('earn') - total('reverse'))
      earned += left
      if (changes % 2 === 1) held += left
      else pending += atLeastZero(left - total('release'))
    }
    return { pending, available: earned - pending - held, held, owed: 0n, earned }
  }
}

const atLeastZero = (amount: bigint) => (amount > 0n ? amount : 0n)
