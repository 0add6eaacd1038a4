import fc from 'fast-check'

/** How far a cashout comes in the end. */
export type Fate = 'unknown' | 'requested' | 'failed' | 'paid' | 'returned'
export const stepsTo: Readonly<Record<Fate, readonly ('requested' | 'paid' | 'failed' | 'returned')[]>> = {
  unknown: [],
  requested: ['requested'],
  failed: ['requested', 'failed'],
  paid: ['requested', 'paid'],
  returned: ['requested', 'paid', 'returned'],
}

/** Every cashout is of 100; its provider charges `fee` for it, and may have a name of its own for it. */
export type Story = Readonly<{ fate: Fate; fee: bigint; isNamed: boolean }>
/** A line about one of the cashouts, rightly or not. */
export type Claim = Readonly<{ of: number; type: 'payout' | 'refund' | 'fee'; amount: bigint; byName: boolean }>

const stories = fc.array(
  fc.record({
    fate: fc.constantFrom<Fate>('unknown', 'requested', 'failed', 'paid', 'paid', 'returned', 'returned'),
    fee: fc.constantFrom(0n, 3n),
    isNamed: fc.boolean(),
  }),
  { minLength: 4, maxLength: 4 },
)
const claims = fc.array(
  fc.record({
    of: fc.nat(3),
    type: fc.constantFrom<Claim['type']>('payout', 'payout', 'refund', 'fee'),
    amount: fc.constantFrom(100n, 100n, 99n),
    byName: fc.boolean(),
  }),
  { minLength: 1, maxLength: 10 },
)

/** What happens, in the order in which it does. A cut file is one whose transaction never committed. */
export type Action =
  | Readonly<{ kind: 'step'; of: number }>
  | Readonly<{ kind: 'file' | 'cut file'; claims: readonly number[] }>
  | Readonly<{ kind: 'match' }>

/** Cashouts, what is claimed about them, and one order in which all of it arrives: each claim at least once. */
export const histories = fc.tuple(stories, claims).chain(([told, claimed]) => {
  const steps: Action[] = told.flatMap(({ fate }, of) => stepsTo[fate].map(() => ({ kind: 'step', of }) as const))
  const whole: Action[] = claimed.map((_, index) => ({ kind: 'file', claims: [index] }))
  const some = fc.subarray(claimed.map((_, index) => index))
  const more = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constantFrom<'file' | 'cut file'>('file', 'cut file'), claims: some }),
      fc.constant<Action>({ kind: 'match' }),
    ),
    { maxLength: 6 },
  )
  return more
    .chain((others) => {
      const all: readonly Action[] = [...steps, ...whole, ...others]
      return fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length })
    })
    .map((actions) => ({ stories: told, claims: claimed, actions }))
})

/** How all of it ends, whatever the order: the books, and the two queues as sorted lines. */
export type Ending = Readonly<{
  clearing: bigint
  cash: bigint
  fees: bigint
  unmatched: string[]
  outstanding: string[]
}>

export function expectedEnding(told: readonly Story[], claimed: readonly Claim[]): Ending {
  const settled = new Set<string>()
  const isProviderKnown = told.some(({ fate }) => fate === 'paid' || fate === 'returned')
  let [clearing, cash, fees] = [0n, 0n, 0n]
  for (const { fate } of told) if (fate === 'paid') clearing += 100n
  const unmatched: string[] = []
  for (const claim of claimed) {
    const reason = reasonAgainst(claim, told[claim.of]!, { isProviderKnown, settled })
    if (reason !== null) {
      unmatched.push(describe(claim, reason))
      continue
    }
    const { type, of, amount } = claim
    if (type !== 'fee') settled.add(`${type} ${of}`)
    const fee = type === 'fee' ? amount : told[of]!.fee
    if (type === 'payout') clearing -= 100n
    if (type === 'refund') clearing += 100n
    cash -= fee + (type === 'payout' ? 100n : type === 'refund' ? -100n : 0n)
    fees += fee
  }
  const awaited = told.flatMap(({ fate }, of) => [
    ...(fate === 'paid' || fate === 'returned' ? [`payout ${of}`] : []),
    ...(fate === 'returned' ? [`refund ${of}`] : []),
  ])
  return {
    clearing,
    cash,
    fees,
    unmatched: unmatched.sort(),
    outstanding: awaited.filter((one) => !settled.has(one)).sort(),
  }
}

export const describe = ({ type, of, amount }: Claim, reason: string) => `${type} ${amount} of ${of}: ${reason}`

function reasonAgainst(
  { type, of, amount, byName }: Claim,
  { fate, isNamed }: Story,
  { isProviderKnown, settled }: { isProviderKnown: boolean; settled: ReadonlySet<string> },
): string | null {
  const wasPaid = fate === 'paid' || fate === 'returned'
  if (type === 'fee') return isProviderKnown ? null : 'unknown_provider'
  if (fate === 'unknown' || (byName && !(isNamed && wasPaid))) return 'unknown_reference'
  if (amount !== 100n) return 'amount_differs'
  if (fate === 'requested') return 'not_paid_yet'
  if (fate === 'failed') return 'given_back'
  if (type === 'refund' && fate === 'paid') return 'not_returned_yet'
  return settled.has(`${type} ${of}`) ? 'already_settled' : null
}
