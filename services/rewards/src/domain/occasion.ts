import { type Evaluation, evaluateRules, type Occasion } from './evaluation.ts'
import type { Referee, Referral } from './referral.ts'
import type { RuleVersion } from './rule.ts'
import { ignoredFor, processed, type Verdict } from './verdict.ts'

/** An event of a referred customer that rules may reward: when, and for how much. */
export type RefereeEvent = Readonly<{ timeMs: number; amount: bigint | null; currency: string | null }>

export type OccasionDecision =
  /** The customer has not registered yet; asked again once they have. */
  | Readonly<{ kind: 'waits'; verdict: Verdict }>
  | Readonly<{ kind: 'unreferred'; verdict: Verdict }>
  | Readonly<{ kind: 'evaluated'; verdict: Verdict; referral: Referral; evaluation: Evaluation }>

/** Decides whether an event earns anything: only customers whom somebody referred can cause rewards. */
export function decideOccasion(referee: Referee, event: RefereeEvent, rules: readonly RuleVersion[]): OccasionDecision {
  if (referee.userId === null) return { kind: 'waits', verdict: ignoredFor('not_registered_yet') }
  const { referral } = referee
  if (referral === null) return { kind: 'unreferred', verdict: ignoredFor('no_referral') }
  if (referral.state === 'rejected' || referral.state === 'expired') {
    return { kind: 'unreferred', verdict: ignoredFor(`referral_${referral.state}`) }
  }
  const occasion: Occasion = { ...event, attributedMs: referral.attributedMs }
  const evaluation = evaluateRules(rules, occasion)
  const verdict = evaluation.reason === null ? processed : ignoredFor(evaluation.reason)
  return { kind: 'evaluated', verdict, referral, evaluation }
}
