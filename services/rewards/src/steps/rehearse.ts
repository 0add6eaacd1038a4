import type { Database } from '@tributary/database'
import { decideOccasion, type OccasionDecision } from '../domain/occasion.ts'
import { NOBODY, rehearseRegistration } from '../domain/rehearsal.ts'
import { visibleData } from '../domain/visible-data.ts'
import { findReferee } from '../store/referees.ts'
import type { RulesByType } from '../store/rules.ts'
import { attributingAt, findAttribution, type ToldTouches, touchesOf } from './attribution.ts'
import { type Asked, loadCounting } from './counting.ts'

/** An event as it would come; `data` as its sender would write it, amounts as they are counted. */
export type Rehearsed = Readonly<{
  type: string
  at: Date
  rules: RulesByType
  data: ToldTouches &
    Readonly<{
      externalUserId: string
      amount?: bigint | undefined
      currency?: string | undefined
      email?: string | undefined
      invoiceId?: string | undefined
      subscriptionId?: string | undefined
      period?: number | undefined
    }>
}>

/** Decides an event as if it came now and were new; nothing is locked, spent or kept. */
export async function rehearse(db: Database, { type, at, data, rules }: Rehearsed): Promise<OccasionDecision> {
  const { externalUserId, amount = null, currency = null, email = null, period = null } = data
  const referee = await findReferee(db, externalUserId)
  const timeMs = at.getTime()
  const touches = type === 'user.registered' ? touchesOf(data, timeMs) : []
  const attribution = await findAttribution(db, touches, at)
  const { invoiceId = 'simulated', subscriptionId = 'simulated' } = data
  const payment = type === 'subscription.paid' ? { invoiceId, externalUserId, subscriptionId, timeMs, period } : null
  const refereeId = referee.userId ?? NOBODY
  const owners = [...attribution.owners.values()].map(({ userId }) => userId)
  const referrerIds = referee.referral === null ? [...new Set(owners)] : [referee.referral.referrerId]
  const referralId = referee.referral?.id ?? null
  const asked = referrerIds.map((referrerId): Asked => ({ type, timeMs, referrerId, refereeId, referralId, payment }))
  const counting = await loadCounting(db, rules, asked)
  const invoice = payment === null ? null : counting.invoiceOf(payment)
  const seen = visibleData({ ...data, ...(amount === null ? {} : { amount: Number(amount) }) })
  const happening = { type, timeMs, amount, currency, invoice, data: seen }
  const versions = rules.get(type) ?? []
  if (type !== 'user.registered') return decideOccasion(referee, happening, versions, counting)
  const registering = { ...happening, amount: null, currency: null }
  const registration = { email, registeredMs: timeMs, touches }
  const attributing = attributingAt(attribution, timeMs)
  return rehearseRegistration(referee, registering, registration, attributing, versions, counting)
}
