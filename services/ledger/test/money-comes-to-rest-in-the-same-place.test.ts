import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { findBalances, type UserBalance } from '../src/store/balances.ts'
import { brokenInvariants } from './model/invariants.ts'
import { type Ledger, openLedger, type Request, request } from './rig.ts'

/** What comes too early comes again, as the broker would bring it. */
async function arrive(ledger: Ledger, requests: readonly Request[]): Promise<void> {
  for (let waiting = [...requests]; waiting.length > 0; ) {
    const early: Request[] = []
    for (const one of waiting) {
      const [outcome] = await ledger.post(one)
      if (outcome?.kind === 'not_yet') early.push(one)
    }
    if (early.length === waiting.length) throw new Error('nothing moves any more')
    waiting = early
  }
}

async function balanceOf(ledger: Ledger, userId: string): Promise<Omit<UserBalance, 'currency'>> {
  const [{ currency: _currency, ...balance } = { currency: 'USD' }] = await findBalances(ledger.db, {
    userId,
    currency: 'USD',
  })
  return balance as Omit<UserBalance, 'currency'>
}

const step = (of: Request, kind: Request['kind'], changes: Partial<Request> = {}): Request => ({
  ...of,
  kind,
  causeId: v7(),
  ...changes,
})

type Drawn = Readonly<{
  rewards: readonly Readonly<{ granted: number; released: number; reversed: number; heldTurns: number }>[]
  cashouts: readonly Readonly<{ amount: number; ends: 'return' | 'settle' | 'bounce' }>[]
}>

const drawn: fc.Arbitrary<Drawn> = fc.record({
  rewards: fc.array(
    fc.record({
      granted: fc.integer({ min: 1, max: 100 }),
      released: fc.integer({ min: 1, max: 120 }),
      reversed: fc.integer({ min: 1, max: 120 }),
      // An even number of turns: at rest, nobody holds it.
      heldTurns: fc.constantFrom(0, 2),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  cashouts: fc.array(
    fc.record({
      amount: fc.integer({ min: 1, max: 40 }),
      ends: fc.constantFrom('return' as const, 'settle' as const, 'bounce' as const),
    }),
    { maxLength: 3 },
  ),
})

/**
 * First what is given: an adjustment that covers all cashouts, so that each is reserved whenever it is asked for. Then everything
 * else, in any order: refunds before and after releases, holds that come and go, cashouts that fail, are paid, or bounce.
 */
function requestsOf({ rewards, cashouts }: Drawn, userId: string) {
  const cover = request('earn', { userId, amount: BigInt(cashouts.reduce((sum, { amount }) => sum + amount, 1)) })
  const first = [cover, step(cover, 'release')]
  const ofRewards = rewards.flatMap(({ granted, released, reversed, heldTurns }) => {
    const earned = request('earn', { userId, amount: BigInt(granted) })
    const holds = [1, 2]
      .slice(0, heldTurns)
      .map((sequence) => step(earned, sequence === 1 ? 'hold' : 'resume', { sequence }))
    return [
      earned,
      ...holds,
      step(earned, 'release', { amount: BigInt(released) }),
      step(earned, 'reverse', { amount: BigInt(reversed) }),
    ]
  })
  const ofCashouts = cashouts.flatMap(({ amount, ends }) => {
    const reserved = request('reserve', { userId, amount: BigInt(amount) })
    const ending = ends === 'bounce' ? (['settle', 'bounce'] as const) : ([ends] as const)
    return [reserved, ...ending.map((kind) => step(reserved, kind))]
  })
  return { first, rest: [...ofRewards, ...ofCashouts] }
}

/** Where the money must be in the end, without playing anything. */
function atRest({ rewards, cashouts }: Drawn) {
  const cover = cashouts.reduce((sum, { amount }) => sum + amount, 1)
  const left = rewards.map(({ granted, reversed }) => Math.max(0, granted - reversed))
  const pending = rewards.reduce((sum, { released }, index) => sum + Math.max(0, left[index]! - released), 0)
  const earned = left.reduce((sum, each) => sum + each, cover)
  const paid = cashouts.reduce((sum, { amount, ends }) => sum + (ends === 'settle' ? amount : 0), 0)
  const figures = { pending, available: earned - pending - paid, held: 0, inPayout: 0, owed: 0, totalEarned: earned }
  return Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, BigInt(figure)]))
}

test('refunds, holds and cashouts in any order end in the same balances, once nothing is held or on its way', async () => {
  const ledger = await openLedger()
  await fc.assert(
    fc.asyncProperty(
      drawn.chain((story) => {
        const count = requestsOf(story, '').rest.length
        const places = Array.from({ length: count }, (_, index) => index)
        return fc.tuple(fc.constant(story), fc.shuffledSubarray(places, { minLength: count, maxLength: count }))
      }),
      async ([story, order]) => {
        const userId = v7()
        const { first, rest } = requestsOf(story, userId)
        await arrive(ledger, first)
        await arrive(
          ledger,
          order.map((index) => rest[index]!),
        )
        expect(await balanceOf(ledger, userId)).toEqual(atRest(story))
      },
    ),
    { numRuns: 40 },
  )
  expect(await brokenInvariants(ledger.database.db)).toEqual([])
}, 60_000)

/**
 * Where order does matter, and has to: a hold takes what is there when it comes. Money that was spent before it is gone, and a
 * cashout that is refused because of it stays refused. What the user has and owes together is the same all the same.
 */
test.each([
  { order: ['reserve', 'hold'], available: 0n, held: 20n, inPayout: 80n },
  { order: ['hold', 'reserve'], available: 0n, held: 100n, inPayout: 0n },
])('money that is spent before a hold is not held: $order', async ({ order, available, held, inPayout }) => {
  const ledger = await openLedger()
  const userId = v7()
  const earned = request('earn', { userId, amount: 100n })
  await ledger.post(earned, step(earned, 'release'))
  const asked: Record<string, Request> = {
    reserve: request('reserve', { userId, amount: 80n }),
    hold: step(earned, 'hold', { sequence: 1 }),
  }
  for (const kind of order) await ledger.post(asked[kind]!)
  expect(await balanceOf(ledger, userId)).toMatchObject({ available, held, inPayout, owed: 0n, totalEarned: 100n })
})

test.each([{ order: ['hold', 'reverse'] }, { order: ['reverse', 'hold'] }])(
  'a hold sets aside what a reversal of other money would have taken, until it is lifted: $order',
  async ({ order }) => {
    const ledger = await openLedger()
    const userId = v7()
    const [spent, other] = [request('earn', { userId, amount: 100n }), request('earn', { userId, amount: 50n })]
    await ledger.post(spent, other, step(spent, 'release'), step(other, 'release'))
    await ledger.post(request('reserve', { userId, amount: 100n }))
    const asked: Record<string, Request> = {
      reverse: step(spent, 'reverse'),
      hold: step(other, 'hold', { sequence: 1 }),
    }
    for (const kind of order) await ledger.post(asked[kind]!)
    const heldFirst = order[0] === 'hold'
    expect(await balanceOf(ledger, userId)).toMatchObject({ held: heldFirst ? 50n : 0n, owed: heldFirst ? 100n : 50n })
    await ledger.post(step(other, 'resume', { sequence: 2 }))
    expect(await balanceOf(ledger, userId)).toMatchObject({ available: 0n, held: 0n, owed: 50n, inPayout: 100n })
  },
)
