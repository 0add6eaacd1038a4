import type { UseOf } from './cap.ts'
import { type Evaluation, evaluateRules } from './evaluation.ts'
import type { Referee, Referral } from './referral.ts'
import type { Occasion, OccasionInvoice } from './requirement.ts'
import type { RuleVersion } from './rule.ts'
import { ignoredFor, processed, type Verdict } from './verdict.ts'

/** An event of a referred customer that rules may reward: when, for how much, and what else they may ask for. */
export type RefereeEvent = Readonly<{
  type: string
  timeMs: number
  amount: bigint | null
  currency: string | null
  invoice: OccasionInvoice | null
  data: Readonly<Record<string, unknown>>
}>

/** What was counted before an event, as far as rules may ask for it. */
export type Counts = Readonly<{
  useOf: UseOf
  /** How many referrals of that referrer converted before that time. */
  conversionsBefore(referrerId: string, timeMs: number): number
}>

export type OccasionDecision =
  /** The customer has not registered yet; asked again once they have. */
  | Readonly<{ kind: 'waits'; verdict: Verdict }>
  /** `untilConverted`: asked again if the referral converts after all, by a payment that is told late. */
  | Readonly<{ kind: 'unreferred'; verdict: Verdict; untilConverted: boolean }>
  | Readonly<{ kind: 'evaluated'; verdict: Verdict; referral: Referral; occasion: Occasion; evaluation: Evaluation }>

/** Whether an event came too late for its referral, which may yet convert by one that came in time. */
export const waitsForConversion = (decision: OccasionDecision): boolean =>
  decision.kind === 'unreferred' && decision.untilConverted

/** Decides whether an event earns anything: only customers whom somebody referred can cause rewards. */
export function decideOccasion(
  referee: Referee,
  event: RefereeEvent,
  rules: readonly RuleVersion[],
  counts: Counts,
): OccasionDecision {
  if (referee.userId === null) return { kind: 'waits', verdict: ignoredFor('not_registered_yet') }
  const { referral } = referee
  const refusal = referral === null ? 'no_referral' : refusalOf(referral, event.timeMs)
  if (referral === null || refusal !== null) {
    const untilConverted = refusal === 'referral_expired'
    return { kind: 'unreferred', verdict: ignoredFor(refusal ?? 'no_referral'), untilConverted }
  }
  const occasion = occasionOf(referral, event, counts)
  const evaluation = evaluateRules(rules, occasion, counts.useOf)
  const verdict = evaluation.reason === null ? processed : ignoredFor(evaluation.reason)
  return { kind: 'evaluated', verdict, referral, occasion, evaluation }
}

/**
 * Why a referral earns nothing by an event of that time. The window counts by when things happened, never by when the
 * job that marks expired referrals came by; once converted, a referral is open for good.
 */
function refusalOf({ state, isLate, attributedMs, expiresMs }: Referral, timeMs: number): string | null {
  if (state === 'rejected') return 'referral_rejected'
  if (isLate && timeMs < attributedMs) return 'before_referral'
  if (state !== 'converted' && expiresMs !== null && timeMs > expiresMs) return 'referral_expired'
  return null
}

/** What rules get to see of an event of a referral. The first payment converts it. */
export function occasionOf(referral: Referral, event: RefereeEvent, counts: Counts): Occasion {
  const { type, timeMs, amount, currency, invoice, data } = event
  const { id, referrerId, refereeId, attributedMs, state } = referral
  return {
    type,
    timeMs,
    amount,
    currency,
    invoice,
    data,
    referral: { id, referrerId, refereeId },
    attributedMs,
    conversions: counts.conversionsBefore(referrerId, timeMs),
    converts: invoice !== null && state !== 'converted',
  }
}
