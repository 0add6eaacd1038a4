import { type Database, query, type Transaction } from '@tributary/database'
import type { ReferralState } from '../domain/referral.ts'
import { whereOf } from './filter.ts'

export type StoredReferral = Readonly<{
  id: string
  referrerId: string
  refereeId: string
  code: string | null
  state: ReferralState
  reason: string | null
  attributedAt: Date
  convertedAt: Date | null
}>

export type NewReferral = Omit<StoredReferral, 'convertedAt'>

export async function insertReferrals(tx: Transaction, referrals: readonly NewReferral[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into referrals (id, referrer_id, referee_id, code, state, reason, attributed_at, recorded_at)
     select new.*, ?::timestamptz
     from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::timestamptz[]) as new`,
    [
      now,
      referrals.map((one) => one.id),
      referrals.map((one) => one.referrerId),
      referrals.map((one) => one.refereeId),
      referrals.map((one) => one.code),
      referrals.map((one) => one.state),
      referrals.map((one) => one.reason),
      referrals.map((one) => one.attributedAt),
    ],
  )
}

/** Answers the code of each converted referral; their anchors are locked. */
export async function convertReferrals(
  tx: Transaction,
  conversions: readonly { referralId: string; at: Date }[],
): Promise<Map<string, string | null>> {
  const rows = await query<{ id: string; code: string | null }>(
    tx,
    `update referrals set state = 'converted', converted_at = new.at
     from unnest(?::uuid[], ?::timestamptz[]) as new (id, at) where referrals.id = new.id
     returning referrals.id, code`,
    [conversions.map((one) => one.referralId), conversions.map((one) => one.at)],
  )
  return new Map(rows.map((row) => [row.id, row.code]))
}

export type ReferralFilter = Readonly<{
  userId?: string | undefined
  state?: ReferralState | undefined
  before?: string | undefined
  limit: number
}>

/** Referrals by a user or of them, the newest first. */
export async function listReferrals(db: Database, filter: ReferralFilter): Promise<StoredReferral[]> {
  const { clause, bindings } = whereOf([
    ['(referrer_id = ? or referee_id = ?)', filter.userId],
    ['state = ?', filter.state],
    ['id < ?', filter.before],
  ])
  return await query<StoredReferral>(
    db,
    `select id, referrer_id as "referrerId", referee_id as "refereeId", code, state, reason,
       attributed_at as "attributedAt", converted_at as "convertedAt"
     from referrals ${clause} order by id desc limit ?`,
    [...bindings, filter.limit],
  )
}
