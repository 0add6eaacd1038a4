import fc from 'fast-check'
import type { RewardRequest } from '../src/domain/posting.ts'

const users = ['018f0000-0000-7000-8000-00000000000a', '018f0000-0000-7000-8000-00000000000b']

type Reward = Readonly<{ user: string; granted: number; releases: number[]; reversals: number[] }>

const rewards: fc.Arbitrary<Reward[]> = fc.array(
  fc.record({
    user: fc.constantFrom(...users),
    granted: fc.integer({ min: 1, max: 100 }),
    releases: fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 2 }),
    // More than was granted, sometimes: a fault of whoever asks, and still no reason to depend on the order.
    reversals: fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 4 }),
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

function toRequests({ user, granted, releases, reversals }: Reward, index: number): RewardRequest[] {
  const rewardId = idOf(index, 0)
  let count = 0
  const request = (kind: RewardRequest['kind'], amount: number): RewardRequest => ({
    kind,
    causeId: idOf(index, ++count),
    fingerprint: `${kind}/${amount}`,
    rewardId,
    userId: user,
    amount: BigInt(amount),
    currency: 'USD',
  })
  return [
    request('earn', granted),
    ...releases.map((amount) => request('release', amount)),
    ...reversals.map((amount) => request('reverse', amount)),
  ]
}

const idOf = (reward: number, cause: number) =>
  `018f0000-0000-7000-9000-${String(reward).padStart(6, '0')}${String(cause).padStart(6, '0')}`

/**
 * Where the money must be in the end, without playing anything: of a reward that was granted g, asked to be released x in all
 * and taken back y in all, g - y is left, and what is left beyond x is still pending.
 */
export function expectedBalances(requests: readonly RewardRequest[]) {
  const unique = [...new Map(requests.map((request) => [request.causeId, request])).values()]
  const byReward = [...Map.groupBy(unique, (request) => request.rewardId).values()]
  return (user: string) => {
    let [pending, earned] = [0n, 0n]
    for (const mine of byReward.filter((list) => list[0]?.userId === user)) {
      const total = (kind: RewardRequest['kind']) =>
        mine.filter((request) => request.kind === kind).reduce((sum, { amount }) => sum + amount, 0n)
      const left = atLeastZero(total('earn') - total('reverse'))
      earned += left
      pending += atLeastZero(left - total('release'))
    }
    return { pending, available: earned - pending, owed: 0n, earned }
  }
}

const atLeastZero = (amount: bigint) => (amount > 0n ? amount : 0n)
