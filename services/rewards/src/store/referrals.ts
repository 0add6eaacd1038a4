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
  expiredAt: Date | null
  /** Until when the first payment has to happen; null for never too late. */
  expiresAt: Date | null
  isLate: boolean
  /** Of the attribution settings that counted; null for those of before there were any. */
  settingsVersion: number | null
  rejectedAt: Date | null
  rejectedBy: string | null
  rejectedWhy: string | null
  source: ReferralSource
  doneBy: string | null
  note: string | null
}>

export type ReferralSource = 'code' | 'person' | 'import'

export type NewReferral = Omit<
  StoredReferral,
  'convertedAt' | 'expiredAt' | 'rejectedAt' | 'rejectedBy' | 'rejectedWhy' | 'source' | 'doneBy' | 'note'
>

const columns = `id, referrer_id as "referrerId", referee_id as "refereeId", code, state, reason, source,
  done_by as "doneBy", note, attributed_at as "attributedAt", converted_at as "convertedAt", expired_at as "expiredAt",
  expires_at as "expiresAt", is_late as "isLate", settings_version as "settingsVersion",
  rejected_at as "rejectedAt", rejected_by as "rejectedBy", rejected_why as "rejectedWhy"`

export async function insertReferrals(tx: Transaction, referrals: readonly NewReferral[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into referrals (id, referrer_id, referee_id, code, state, reason, attributed_at, expires_at, is_late,
       settings_version, recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[],
       ?::timestamptz[], ?::timestamptz[], ?::boolean[], ?::int[]) as new`,
    [
      now,
      referrals.map((one) => one.id),
      referrals.map((one) => one.referrerId),
      referrals.map((one) => one.refereeId),
      referrals.map((one) => one.code),
      referrals.map((one) => one.state),
      referrals.map((one) => one.reason),
      referrals.map((one) => one.attributedAt),
      referrals.map((one) => one.expiresAt),
      referrals.map((one) => one.isLate),
      referrals.map((one) => one.settingsVersion),
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
    `update referrals set state = 'converted', converted_at = new.at, expired_at = null
     from unnest(?::uuid[], ?::timestamptz[]) as new (id, at) where referrals.id = new.id
     returning referrals.id, code`,
    [conversions.map((one) => one.referralId), conversions.map((one) => one.at)],
  )
  return new Map(rows.map((row) => [row.id, row.code]))
}

export type ReferralFilter = Readonly<{
  userId?: string | undefined
  referrerId?: string | undefined
  refereeId?: string | undefined
  source?: ReferralSource | undefined
  state?: ReferralState | undefined
  before?: string | undefined
  limit: number
}>

/** Referrals by a user or of them, the newest first. */
export async function listReferrals(db: Database, filter: ReferralFilter): Promise<StoredReferral[]> {
  const { clause, bindings } = whereOf([
    ['(referrer_id = ? or referee_id = ?)', filter.userId],
    ['referrer_id = ?', filter.referrerId],
    ['referee_id = ?', filter.refereeId],
    ['source = ?', filter.source],
    ['state = ?', filter.state],
    ['id < ?', filter.before],
  ])
  return await query<StoredReferral>(db, `select ${columns} from referrals ${clause} order by id desc limit ?`, [
    ...bindings,
    filter.limit,
  ])
}

export async function findReferral(db: Database | Transaction, id: string): Promise<StoredReferral | null> {
  const [row] = await query<StoredReferral>(db, `select ${columns} from referrals where id = ?`, [id])
  return row ?? null
}

/** Rejects a referral by hand; the customer's anchor is locked, and its state allows it. */
export async function rejectReferral(
  tx: Transaction,
  id: string,
  { at, by, why }: Readonly<{ at: Date; by: string; why: string }>,
): Promise<void> {
  await query(
    tx,
    `update referrals set state = 'rejected', reason = 'rejected_by_hand', expired_at = null,
       rejected_at = ?, rejected_by = ?, rejected_why = ? where id = ?`,
    [at, by, why, id],
  )
}

/** The referral of a customer; their anchor is locked by who decides by it. */
export async function findReferralOf(tx: Transaction, refereeId: string): Promise<StoredReferral | null> {
  const [row] = await query<StoredReferral>(tx, `select ${columns} from referrals where referee_id = ?`, [refereeId])
  return row ?? null
}

export type ToldReferral = Pick<
  StoredReferral,
  'id' | 'referrerId' | 'refereeId' | 'code' | 'attributedAt' | 'expiresAt' | 'isLate' | 'settingsVersion' | 'note'
> &
  Readonly<{ source: 'person' | 'import'; doneBy: string }>

/** Keeps a referral that a person or an import told of; the customer's anchor is locked and they have none. */
export async function insertToldReferral(tx: Transaction, referral: ToldReferral, now: Date): Promise<void> {
  const { id, referrerId, refereeId, code, source, doneBy, note, ...dated } = referral
  const { attributedAt, expiresAt, isLate, settingsVersion } = dated
  await query(
    tx,
    `insert into referrals (id, referrer_id, referee_id, code, state, source, done_by, note, attributed_at, expires_at,
       is_late, settings_version, recorded_at)
     values (?, ?, ?, ?, 'registered', ?, ?, ?, ?, ?, ?, ?, ?)`,
    [id, referrerId, refereeId, code, source, doneBy, note, attributedAt, expiresAt, isLate, settingsVersion, now],
  )
}

/** Customers, by external id, whose first payment has not come and should have happened before then. */
export async function listReferralsToExpire(tx: Transaction, before: Date, max: number): Promise<string[]> {
  const rows = await query<{ externalId: string }>(
    tx,
    `select external_id as "externalId" from referrals join users on users.id = referee_id
     where state = 'registered' and expires_at < ? order by expires_at limit ?`,
    [before, max],
  )
  return rows.map((row) => row.externalId)
}

export type ExpiredReferral = Readonly<Pick<StoredReferral, 'id' | 'referrerId' | 'refereeId' | 'code'>> & {
  readonly expiresAt: Date
}

/** Ends those of their referrals that are still open, and answers them; the customers' anchors are locked. */
export async function expireReferrals(
  tx: Transaction,
  externalUserIds: readonly string[],
  now: Date,
): Promise<ExpiredReferral[]> {
  return await query<ExpiredReferral>(
    tx,
    `update referrals set state = 'expired', expired_at = ? from users
     where users.id = referee_id and external_id = any(?::text[]) and state = 'registered' and expires_at < ?
     returning referrals.id, referrer_id as "referrerId", referee_id as "refereeId", code, expires_at as "expiresAt"`,
    [now, externalUserIds, now],
  )
}

/** Customers and who brought them, as an import takes them in; the newest first, without the rejected and the erased. */
export async function listReferralPairs(
  db: Database,
  before: string | undefined,
  max: number,
): Promise<{ id: string; cells: string[] }[]> {
  const rows = await query<{ id: string; referee: string; referrer: string; at: Date }>(
    db,
    `select referrals.id, referee.external_id as referee, referrer.external_id as referrer, attributed_at as at
     from referrals join users referee on referee.id = referee_id join users referrer on referrer.id = referrer_id
     where state <> 'rejected' and referee.erased_at is null and referrer.erased_at is null
       and (?::uuid is null or referrals.id < ?::uuid)
     order by referrals.id desc limit ?`,
    [before ?? null, before ?? null, max],
  )
  return rows.map(({ id, referee, referrer, at }) => ({ id, cells: [referee, referrer, at.toISOString()] }))
}
