import { paymentsEndMs } from './attribution.ts'
import { type Counts, decideOccasion, type OccasionDecision, type RefereeEvent } from './occasion.ts'
import { type Attributing, attribute, type Referee, type Registration } from './referral.ts'
import type { RuleVersion } from './rule.ts'
import { ignoredFor } from './verdict.ts'

/** Stands for what does not exist yet: an id that nothing has. */
export const NOBODY = '00000000-0000-0000-0000-000000000000'

/** A registration as it would be decided: with the referral that its code would bring. */
export function rehearseRegistration(
  referee: Referee,
  event: RefereeEvent,
  registration: Registration,
  attributing: Attributing,
  rules: readonly RuleVersion[],
  counts: Counts,
): OccasionDecision {
  const userId = referee.userId ?? NOBODY
  const attribution = attribute(registration, { ...referee, userId }, attributing)
  if (attribution.kind !== 'attributed') {
    return { kind: 'unreferred', verdict: ignoredFor(attribution.reason), untilConverted: false }
  }
  const { timeMs } = event
  const referrerId = attribution.owner.userId
  const expiresMs = paymentsEndMs(attributing.terms, timeMs)
  const isLate = referee.userId !== null
  const ids = { id: NOBODY, referrerId, refereeId: userId }
  const referral = { ...ids, state: 'registered', attributedMs: timeMs, expiresMs, isLate } as const
  return decideOccasion({ ...referee, userId, referral }, event, rules, counts)
}
