import type { Currency } from '@tributary/money'
import type { ClearRequest, FeeRequest } from './request.ts'

export const lineTypes = ['payout', 'fee', 'refund'] as const
/** `payout`: the provider paid a cashout for us. `refund`: it gave a returned one's money back. `fee`: it charges for itself. */
export type LineType = (typeof lineTypes)[number]

/** What a provider says about one of its payments. */
export type SettlementLine = Readonly<{
  provider: string
  /** The provider's name for the line; with it, it is the same line when it comes again. */
  lineId: string
  type: LineType
  /** The cashout's id, or the provider's own name for the payment. Not looked at for a `fee`. */
  reference: string
  amount: bigint
  currency: Currency
  /** What the provider charged for this payment, on top; 0 for nothing. */
  fee: bigint
  /** RFC 3339. */
  settledAt: string
}>

/**
 * Why a line is not matched, in the order in which they are checked. Those that end in `_yet` and the unknown ones can
 * come right by themselves, when what they wait for arrives; the others need a person.
 */
export const unmatchedReasons = [
  /** A fee of a provider that was never heard of: perhaps a misspelt name. */
  'unknown_provider',
  /** No cashout has this id, and none was paid under this name. */
  'unknown_reference',
  /** The provider uses this name for several cashouts. */
  'ambiguous_reference',
  /** The cashout was made through another provider. */
  'provider_differs',
  /** The cashout is in another currency. */
  'currency_differs',
  /** The cashout is of another amount. */
  'amount_differs',
  /** The cashout is still on its way. */
  'not_paid_yet',
  /** The money was given back to the user, and yet the provider says that it paid: it may be paid twice. */
  'given_back',
  /** A refund of money that is not known to have come back. */
  'not_returned_yet',
  /** Another line has settled this cashout: the provider charges twice. */
  'already_settled',
] as const
export type UnmatchedReason = (typeof unmatchedReasons)[number]

/** A cashout as far as settling it goes. Its money is in one place, whole. */
export type SettledCashout = Readonly<{
  cashoutId: string
  /** Null until somebody has paid it. */
  provider: string | null
  currency: string
  amount: bigint
  place: 'in_payout' | 'paid' | 'returned' | 'bounced'
  /** Which kinds of lines have been matched to it. */
  settledBy: readonly LineType[]
}>

/** All that the answer to a line depends on. */
export type LineStanding = Readonly<{
  /** Whether the ledger has ever paid anything through this provider. */
  isProviderKnown: boolean
  /** The cashouts that the reference names: at most one, where all is well. */
  named: readonly SettledCashout[]
}>

export type Verdict =
  | Readonly<{ outcome: 'matched'; cashoutId: string | null }>
  | Readonly<{ outcome: 'unmatched'; reason: UnmatchedReason }>

/** Finds what a line belongs to. Every reason against it in a fixed order, then a line after which it is posted. */
export function matchLine(line: SettlementLine, { isProviderKnown, named }: LineStanding): Verdict {
  if (line.type === 'fee') {
    return isProviderKnown ? { outcome: 'matched', cashoutId: null } : unmatched('unknown_provider')
  }
  const [cashout, another] = named
  if (cashout === undefined) return unmatched('unknown_reference')
  if (another !== undefined) return unmatched('ambiguous_reference')
  const reason = differenceTo(cashout, line) ?? placeAgainst(cashout, line.type)
  if (reason !== null) return unmatched(reason)
  if (cashout.settledBy.includes(line.type)) return unmatched('already_settled')
  return { outcome: 'matched', cashoutId: cashout.cashoutId }
}

/** Finds what each of several lines belongs to, one after the other: a cashout is settled by the first line that does. */
export function matchLines(
  lines: readonly Readonly<{ line: SettlementLine; standing: LineStanding }>[],
): readonly Verdict[] {
  const settled = new Map<string, LineType[]>()
  return lines.map(({ line, standing }) => {
    const named = standing.named.map((cashout) => ({
      ...cashout,
      settledBy: [...cashout.settledBy, ...(settled.get(cashout.cashoutId) ?? [])],
    }))
    const verdict = matchLine(line, { ...standing, named })
    if (verdict.outcome === 'matched' && verdict.cashoutId !== null) {
      settled.set(verdict.cashoutId, [...(settled.get(verdict.cashoutId) ?? []), line.type])
    }
    return verdict
  })
}

/** What a matched line posts: the settled money, and the fee that came with it. */
export function requestsOf(
  line: SettlementLine & Readonly<{ id: string; feeCauseId: string | null }>,
  cashoutId: string | null,
): readonly (ClearRequest | FeeRequest)[] {
  const { id, feeCauseId, provider, type, amount, currency, fee } = line
  if (type === 'fee') return [{ kind: 'fee', causeId: id, provider, amount, currency }]
  const direction = type === 'payout' ? 'out' : 'back'
  return [
    { kind: 'clear', causeId: id, provider, cashoutId, direction, amount, currency },
    ...(feeCauseId === null
      ? []
      : [{ kind: 'fee', causeId: feeCauseId, provider, amount: fee, currency } satisfies FeeRequest]),
  ]
}

function differenceTo(cashout: SettledCashout, line: SettlementLine): UnmatchedReason | null {
  if (cashout.provider !== null && cashout.provider !== line.provider) return 'provider_differs'
  if (cashout.currency !== line.currency) return 'currency_differs'
  if (cashout.amount !== line.amount) return 'amount_differs'
  return null
}

function placeAgainst({ place }: SettledCashout, type: 'payout' | 'refund'): UnmatchedReason | null {
  if (place === 'in_payout') return 'not_paid_yet'
  if (place === 'returned') return 'given_back'
  // What bounced was paid before, so its payout is settled all the same.
  return type === 'refund' && place === 'paid' ? 'not_returned_yet' : null
}

const unmatched = (reason: UnmatchedReason): Verdict => ({ outcome: 'unmatched', reason })
