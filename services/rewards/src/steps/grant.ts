import type { Because } from '@tributary/messaging'
import type { Grant } from '../domain/evaluation.ts'
import type { Referral } from '../domain/referral.ts'
import type { NewReward } from '../store/rewards.ts'
import type { SenderEvent } from './sender-event.ts'

const DAY_MS = 86_400_000

/** The rewards that rules grant for an event; the holding period counts from when the event happened. */
export function rewardsOf(
  grants: readonly Grant[],
  { event, cause, referral, newId }: { event: SenderEvent; cause: string; referral: Referral; newId: () => string },
): (NewReward & { because: Because })[] {
  return grants.map(({ ruleId, ruleVersion, beneficiary, amount, currency, holdingDays, rate, spendings }) => ({
    id: newId(),
    transactionId: newId(),
    ruleId,
    ruleVersion,
    cause,
    beneficiary,
    userId: beneficiary === 'referrer' ? referral.referrerId : referral.refereeId,
    referralId: referral.id,
    eventId: event.eventId,
    currency,
    granted: amount,
    rate,
    spendings,
    dueAt: new Date(event.timeMs + holdingDays * DAY_MS),
    earnedAt: new Date(event.timeMs),
    because: event.because,
  }))
}
