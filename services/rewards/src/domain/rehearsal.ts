import { type Counts, decideOccasion, type OccasionDecision, type RefereeEvent } from './occasion.ts'
import { attribute, type Referee } from './referral.ts'
import type { CodeOwner } from './referral-code.ts'
import type { RuleVersion } from './rule.ts'
import { ignoredFor } from './verdict.ts'

/** Stands for what does not exist yet: an id that nothing has. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

/** A registration as it would be decided: with the referral that its code would bring. */
export function rehearseRegistration(
  referee: Referee,
  event: RefereeEvent,
  registration: { email: string | null; referralCode: string | null },
  owner: CodeOwner | undefined,
  rules: readonly RuleVersion[],
  counts: Counts,
): OccasionDecision {
  const userId = referee.userId ?? NOBODY
  const attribution = attribute(registration, { ...referee, userId }, owner)
  if (attribution.kind !== 'attributed') return { kind: 'unreferred', verdict: ignoredFor(attribution.reason) }
  const { timeMs } = event
  const referrerId = attribution.owner.userId
  const referral = { id: NOBODY, referrerId, refereeId: userId, state: 'registered', attributedMs: timeMs } as const
  return decideOccasion({ ...referee, userId, referral }, event, rules, counts)
}
