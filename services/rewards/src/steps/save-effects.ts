import { decisionRecorded, memberCreated, referralConverted, referralCreated } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Publish } from '@tributary/messaging'
import { insertDecisions } from '../store/decisions.ts'
import { insertDisputes, settleDisputes } from '../store/disputes.ts'
import { insertFacts } from '../store/facts.ts'
import { updatePayments } from '../store/invoices.ts'
import { insertOccasions } from '../store/occasions.ts'
import { registerReferees } from '../store/referees.ts'
import { convertReferrals, insertReferrals } from '../store/referrals.ts'
import { insertRefunds, settleRefunds } from '../store/refunds.ts'
import { completeUsers } from '../store/users.ts'
import { deleteWaiting, insertWaiting } from '../store/waiting-events.ts'
import type { Effects } from './effects.ts'
import { saveRewards } from './save-rewards.ts'

/** DecisionRecorded carries at most so many ids; the decision itself has them all. */
const REWARD_IDS_MAX = 100

/** Writes all effects of a batch, one statement a kind, and publishes what others should know. */
export async function saveEffects(tx: Transaction, publish: Publish, effects: Effects, now: Date): Promise<void> {
  await savePeople(tx, publish, effects, now)
  await savePayments(tx, effects, now)
  if (effects.occasions.length > 0) await insertOccasions(tx, effects.occasions, now)
  await saveRewards(tx, publish, effects, now)
  await saveDecisions(tx, publish, effects, now)
}

async function savePeople(tx: Transaction, publish: Publish, effects: Effects, now: Date): Promise<void> {
  const { members, profiles, registrations, referrals, conversions } = effects
  for (const { because, ...data } of members) publish(memberCreated, { data, because })
  if (profiles.length > 0) await completeUsers(tx, profiles)
  if (registrations.length > 0) await registerReferees(tx, registrations)
  if (referrals.length > 0) await insertReferrals(tx, referrals, now)
  for (const { id, referrerId, refereeId, code, state, attributedAt, because } of referrals) {
    if (state === 'rejected') continue
    publish(referralCreated, { data: { referralId: id, referrerId, refereeId, code }, because, time: attributedAt })
  }
  if (conversions.length === 0) return
  const codes = await convertReferrals(tx, conversions)
  for (const { referralId, referrerId, refereeId, at, because } of conversions) {
    const code = codes.get(referralId) ?? null
    publish(referralConverted, { data: { referralId, referrerId, refereeId, code }, because, time: at })
  }
}

async function savePayments(tx: Transaction, effects: Effects, now: Date): Promise<void> {
  const { payments, refunds, settledRefunds, disputes, settledDisputes, waiting, settledEvents, facts } = effects
  if (payments.length > 0) await updatePayments(tx, payments)
  if (refunds.length > 0) await insertRefunds(tx, refunds, now)
  if (settledRefunds.length > 0) await settleRefunds(tx, settledRefunds)
  if (disputes.length > 0) await insertDisputes(tx, disputes, now)
  if (settledDisputes.length > 0) await settleDisputes(tx, settledDisputes)
  if (waiting.length > 0) await insertWaiting(tx, waiting)
  if (settledEvents.length > 0) await deleteWaiting(tx, settledEvents)
  if (facts.length > 0) await insertFacts(tx, facts, now)
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
