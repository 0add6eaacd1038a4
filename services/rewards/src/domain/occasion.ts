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
  | Readonly<{ kind: 'unreferred'; verdict: Verdict }>
  | Readonly<{ kind: 'evaluated'; verdict: Verdict; referral: Referral; occasion: Occasion; evaluation: Evaluation }>

/** Decides whether an event earns anything: only customers whom somebody referred can cause rewards. */
export function decideOccasion(
  referee: Referee,
  event: RefereeEvent,
  rules: readonly RuleVersion[],
  counts: Counts,
): OccasionDecision {
  if (referee.userId === null) return { kind: 'waits', verdict: ignoredFor('not_registered_yet') }
  const { referral } = referee
  if (referral === null) return { kind: 'unreferred', verdict: ignoredFor('no_referral') }
  if (referral.state === 'rejected' || referral.state === 'expired') {
    return { kind: 'unreferred', verdict: ignoredFor(`referral_${referral.state}`) }
  }
  const occasion = occasionOf(referral, event, counts)
  const evaluation = evaluateRules(rules, occasion, counts.useOf)
  const verdict = evaluation.reason === null ? processed : ignoredFor(evaluation.reason)
  return { kind: 'evaluated', verdict, referral, occasion, evaluation }
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
    converts: invoice !== null && state === 'registered',
  }
}
