import {
  decisionRecorded,
  memberCreated,
  referralConverted,
  referralCreated,
  referralRejected,
} from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Publish } from '@tributary/messaging'
import { insertDecisions } from '../store/decisions.ts'
import { insertDisputes, settleDisputes } from '../store/disputes.ts'
import { insertFacts } from '../store/facts.ts'
import { updatePayments } from '../store/invoices.ts'
import { insertOccasions } from '../store/occasions.ts'
import { registerReferees } from '../store/referees.ts'
import { insertTouches } from '../store/referral-touches.ts'
import { convertReferrals, insertReferrals } from '../store/referrals.ts'
import { insertRefunds, settleRefunds } from '../store/refunds.ts'
import { completeUsers } from '../store/users.ts'
import { deleteWaiting, freeWaiting, insertWaiting } from '../store/waiting-events.ts'
import type { Effects } from './effects.ts'
import { saveRewards } from './save-rewards.ts'

/** DecisionRecorded carries at most so many ids; the decision itself has them all. */
const REWARD_IDS_MAX = 100

/** Writes all effects of a batch, one statement a kind, and publishes what others should know. */
export async function saveEffects(tx: Transaction, publish: Publish, effects: Effects, now: Date): Promise<void> {
  await savePeople(tx, publish, effects, now)
  await savePayments(tx, effects, now)
  await saveWaiting(tx, effects)
  if (effects.occasions.length > 0) await insertOccasions(tx, effects.occasions, now)
  await saveRewards(tx, publish, effects, now)
  await saveDecisions(tx, publish, effects, now)
}

async function savePeople(tx: Transaction, publish: Publish, effects: Effects, now: Date): Promise<void> {
  const { members, profiles, registrations, referrals, touches, conversions } = effects
  for (const { because, ...data } of members) publish(memberCreated, { data, because })
  if (profiles.length > 0) await completeUsers(tx, profiles)
  if (registrations.length > 0) await registerReferees(tx, registrations)
  if (referrals.length > 0) await insertReferrals(tx, referrals, now)
  for (const { id, referrerId, refereeId, code, state, reason, attributedAt, because } of referrals) {
    const data = { referralId: id, referrerId, refereeId, code }
    if (state === 'registered') publish(referralCreated, { data, because, time: attributedAt })
    else publish(referralRejected, { data: { ...data, reason: reason! }, because, time: attributedAt })
  }
  if (touches.length > 0) await insertTouches(tx, touches, now)
  if (conversions.length === 0) return
  const codes = await convertReferrals(tx, conversions)
  for (const { referralId, referrerId, refereeId, at, because } of conversions) {
    const code = codes.get(referralId) ?? null
    publish(referralConverted, { data: { referralId, referrerId, refereeId, code }, because, time: at })
  }
}

async function savePayments(tx: Transaction, effects: Effects, now: Date): Promise<void> {
  const { payments, refunds, settledRefunds, disputes, settledDisputes, facts } = effects
  if (payments.length > 0) await updatePayments(tx, payments)
  if (refunds.length > 0) await insertRefunds(tx, refunds, now)
  if (settledRefunds.length > 0) await settleRefunds(tx, settledRefunds)
  if (disputes.length > 0) await insertDisputes(tx, disputes, now)
  if (settledDisputes.length > 0) await settleDisputes(tx, settledDisputes)
  if (facts.length > 0) await insertFacts(tx, facts, now)
}

/** In this order: what waited for a registration may go on to wait for a conversion, which may come in the same batch. */
async function saveWaiting(tx: Transaction, { waiting, settledEvents, conversions }: Effects): Promise<void> {
  if (settledEvents.length > 0) await deleteWaiting(tx, settledEvents)
  if (waiting.length > 0) await insertWaiting(tx, waiting)
  const freed = conversions.flatMap(({ frees }) => frees ?? [])
  if (freed.length > 0) await freeWaiting(tx, freed)
}

async function saveDecisions(tx: Transaction, publish: Publish, { decisions }: Effects, now: Date): Promise<void> {
  if (decisions.length === 0) return
  await insertDecisions(tx, decisions, now)
  for (const { id, eventId, verdict, rewardIds, revision, because } of decisions) {
    const ids = rewardIds.slice(0, REWARD_IDS_MAX)
    const data = { decisionId: id, eventId, ...verdict, rewardIds: ids, revision }
    publish(decisionRecorded, { data, because })
  }
}
