import type { Database } from '@tributary/database'
import { decideOccasion, type OccasionDecision } from '../domain/occasion.ts'
import { codeKey } from '../domain/referral-code.ts'
import { NOBODY, rehearseRegistration } from '../domain/rehearsal.ts'
import { visibleData } from '../domain/visible-data.ts'
import { findReferee } from '../store/referees.ts'
import { listCodeOwners } from '../store/referral-codes.ts'
import type { RulesByType } from '../store/rules.ts'
import { type Asked, loadCounting } from './counting.ts'

/** An event as it would come; `data` as its sender would write it, amounts as they are counted. */
export type Rehearsed = Readonly<{
  type: string
  at: Date
  rules: RulesByType
  data: Readonly<{
    externalUserId: string
    amount?: bigint | undefined
    currency?: string | undefined
    email?: string | undefined
    referralCode?: string | undefined
    invoiceId?: string | undefined
    subscriptionId?: string | undefined
    period?: number | undefined
  }>
}>

/** Decides an event as if it came now and were new; nothing is locked, spent or kept. */
export async function rehearse(db: Database, { type, at, data, rules }: Rehearsed): Promise<OccasionDecision> {
  const { externalUserId, amount = null, currency = null, email = null, referralCode = null, period = null } = data
  const referee = await findReferee(db, externalUserId)
  const owners = await listCodeOwners(db, referralCode === null ? [] : [referralCode])
  const owner = referralCode === null ? undefined : owners.get(codeKey(referralCode))
  const timeMs = at.getTime()
  const { invoiceId = 'simulated', subscriptionId = 'simulated' } = data
  const payment = type === 'subscription.paid' ? { invoiceId, externalUserId, subscriptionId, timeMs, period } : null
  const referrerId = referee.referral?.referrerId ?? owner?.userId ?? null
  const refereeId = referee.userId ?? NOBODY
  const asked: Asked[] =
    referrerId === null
      ? []
      : [{ type, timeMs, referrerId, refereeId, referralId: referee.referral?.id ?? null, payment }]
  const counting = await loadCounting(db, rules, asked)
  const invoice = payment === null ? null : counting.invoiceOf(payment)
  const seen = visibleData({ ...data, ...(amount === null ? {} : { amount: Number(amount) }) })
  const happening = { type, timeMs, amount, currency, invoice, data: seen }
  const versions = rules.get(type) ?? []
  if (type !== 'user.registered') return decideOccasion(referee, happening, versions, counting)
  const registering = { ...happening, amount: null, currency: null }
  return rehearseRegistration(referee, registering, { email, referralCode }, owner, versions, counting)
}
