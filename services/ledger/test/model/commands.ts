import fc from 'fast-check'
import { v7 } from 'uuid'
import type { Request } from '../../src/domain/request.ts'

/** One request, drawn without ids: shrinking keeps it readable, and every run gets ids of its own. */
export type Draw = Readonly<{
  kind: Request['kind']
  /** Which reward or cashout of the pool. */
  subject: number
  amount: number
  sequence: number
  direction: 0 | 1
  /** What is wrong with it, if anything. */
  twist: 'none' | 'user' | 'currency' | 'amount' | 'provider' | 'huge'
  /** A cause of its own; an earlier request once more, in capitals perhaps; other content under an earlier cause. */
  cause: 'new' | 'again' | 'again_in_capitals' | 'taken'
  /** Which earlier one. */
  earlier: number
}>

const weighted = <T>(...options: readonly (readonly [number, T])[]): fc.Arbitrary<T> =>
  fc.oneof(...options.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })))

const kinds: readonly Draw['kind'][] = [
  ...(['earn', 'release', 'reverse', 'hold', 'resume'] as const),
  ...(['reserve', 'settle', 'return', 'bounce', 'adjust', 'clear', 'fee'] as const),
]

const drawOf = (kind: fc.Arbitrary<Draw['kind']>): fc.Arbitrary<Draw> =>
  fc.record({
    kind,
    subject: fc.nat({ max: 11 }),
    amount: fc.integer({ min: 1, max: 120 }),
    sequence: fc.integer({ min: 1, max: 6 }),
    direction: fc.constantFrom(0, 1),
    twist: weighted<Draw['twist']>(
      ...([
        [84, 'none'],
        [3, 'user'],
        [4, 'currency'],
        [3, 'amount'],
        [3, 'provider'],
        [3, 'huge'],
      ] as const),
    ),
    cause: weighted<Draw['cause']>([86, 'new'], [7, 'again'], [2, 'again_in_capitals'], [5, 'taken']),
    earlier: fc.nat({ max: 999 }),
  })

const anything = drawOf(fc.constantFrom(...kinds)).map((one) => [one])

/** Several requests about one thing: what comes by chance alone hardly ever gets as far as a payment that bounced. */
function story(begins: readonly Draw['kind'][], goesOn: readonly Draw['kind'][]): fc.Arbitrary<Draw[]> {
  const beginning = fc.tuple(...begins.map((kind) => drawOf(fc.constant(kind))))
  const rest = fc.array(drawOf(fc.constantFrom(...goesOn)), { maxLength: 5, size: 'max' })
  return fc.tuple(fc.nat({ max: 11 }), beginning, rest).map(([subject, first, then]) => [
    // Enough to spend, and given rather than taken.
    ...first.map((one) => ({ ...one, subject, amount: one.amount + 30, direction: 0 as const })),
    ...then.map((one, index) => ({ ...one, subject, sequence: index + 1 })),
  ])
}

const stories = fc.oneof(
  { weight: 3, arbitrary: anything },
  { weight: 2, arbitrary: story(['earn'], ['release', 'reverse', 'hold', 'resume']) },
  { weight: 2, arbitrary: story(['earn', 'release'], ['reserve', 'reverse', 'hold', 'resume', 'return']) },
  { weight: 3, arbitrary: story(['adjust', 'reserve'], ['settle', 'return', 'bounce']) },
  { weight: 1, arbitrary: story(['earn', 'release', 'reserve', 'reverse'], ['return', 'adjust', 'reserve']) },
  { weight: 1, arbitrary: story(['adjust', 'reserve', 'settle'], ['bounce', 'settle', 'clear', 'fee']) },
)

/** A batch is worked like messages from the broker, kind by kind, or like a command, in the order given. */
export type Way = 'events' | 'command'
export type DrawnBatch = Readonly<{ way: Way; draws: readonly Draw[] }>

const BATCH_MAX = 50

/**
 * Batches of 1 to 50 requests about a few users, rewards and cashouts, so that they meet. Without fast-check's bias towards
 * small values, which would leave half of the ledger's answers unseen.
 */
export const drawnBatches: fc.Arbitrary<DrawnBatch[]> = fc.noBias(
  fc.array(
    fc.record({
      way: fc.constantFrom<Way>('events', 'command'),
      draws: fc
        .oneof(
          { weight: 1, arbitrary: fc.array(stories, { minLength: 1, maxLength: 2, size: 'max' }) },
          { weight: 1, arbitrary: fc.array(stories, { minLength: 1, maxLength: 20, size: 'max' }) },
        )
        .map((list) => list.flat().slice(0, BATCH_MAX)),
    }),
    { minLength: 1, maxLength: 20, size: 'max' },
  ),
)

export type Batch = Readonly<{ way: Way; requests: readonly Request[] }>

/** Requests with ids that were never used before. */
export function toBatches(drawn: readonly DrawnBatch[]): Batch[] {
  const pool = newPool()
  const made: Request[] = []
  return drawn.map(({ way, draws }) => {
    const requests = draws.map((one) => {
      const request = toRequest(one, pool, made)
      made.push(request)
      return request
    })
    return { way, requests: requests.filter((request) => way === 'command' || hasEvent(request)) }
  })
}

export type EventRequest = Exclude<Request, { kind: 'adjust' | 'clear' | 'fee' }>

const hasEvent = ({ kind }: Request) => kind !== 'adjust' && kind !== 'clear' && kind !== 'fee'

type Pool = ReturnType<typeof newPool>

function newPool() {
  const several = (count: number) => Array.from({ length: count }, () => v7())
  const mark = v7().slice(-6)
  return { users: several(3), rewards: several(6), cashouts: several(12), providers: [`acme-${mark}`, `best-${mark}`] }
}

function toRequest(draw: Draw, pool: Pool, made: readonly Request[]): Request {
  const { cause, earlier } = draw
  const before = made[earlier % Math.max(1, made.length)]
  if (cause === 'new' || before === undefined) return newRequest(draw, v7(), pool)
  if (cause === 'taken') return newRequest(draw, before.causeId, pool)
  if (cause === 'again') return before
  return { ...before, causeId: before.causeId.toUpperCase() }
}

/** The subject says whose it is, in which currency, and of how much a cashout is; the twist says what else. */
function newRequest(draw: Draw, causeId: string, { users, rewards, cashouts, providers }: Pool): Request {
  const { kind, subject, sequence, direction, twist } = draw
  const userId = users[(subject + (twist === 'user' ? 1 : 0)) % 3]!
  const currency = (subject % 6 === 5) !== (twist === 'currency') ? 'EUR' : 'USD'
  const provider = providers[(subject + (twist === 'provider' ? 1 : 0)) % 2]!
  const asked = { causeId, currency, amount: amountOf(draw) } as const
  const rewardId = rewards[subject % 6]!
  const cashoutId = cashouts[subject]!
  switch (kind) {
    case 'earn':
    case 'release':
    case 'reverse':
      return { ...asked, kind, rewardId, userId }
    case 'hold':
    case 'resume':
      return { ...asked, kind, rewardId, userId, sequence }
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      return { ...asked, kind, cashoutId, userId, provider }
    case 'adjust':
      return { ...asked, kind, userId, direction: direction === 0 ? 'credit' : 'debit' }
    case 'clear':
      return {
        ...asked,
        kind,
        provider,
        cashoutId: sequence > 3 ? cashoutId : null,
        direction: direction === 0 ? 'out' : 'back',
      }
    case 'fee':
      return { ...asked, kind, provider }
  }
}

const HUGE = 9_007_199_254_740_991n

function amountOf({ kind, subject, amount, twist }: Draw): bigint {
  if (twist === 'huge' && (kind === 'earn' || kind === 'adjust')) return HUGE - BigInt(amount)
  const isOfCashout = kind === 'reserve' || kind === 'settle' || kind === 'return' || kind === 'bounce'
  if (!isOfCashout) return BigInt(amount)
  return BigInt(10 + 4 * subject + (twist === 'amount' ? 1 : 0))
}
