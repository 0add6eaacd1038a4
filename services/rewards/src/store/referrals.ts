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
  source: ReferralSource
  doneBy: string | null
  note: string | null
}>

export type ReferralSource = 'code' | 'person' | 'import'

export type NewReferral = Omit<StoredReferral, 'convertedAt' | 'expiredAt' | 'source' | 'doneBy' | 'note'>

const columns = `id, referrer_id as "referrerId", referee_id as "refereeId", code, state, reason, source,
  done_by as "doneBy", note, attributed_at as "attributedAt", converted_at as "convertedAt", expired_at as "expiredAt"`

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

/** The referral of a customer; their anchor is locked by who decides by it. */
export async function findReferralOf(tx: Transaction, refereeId: string): Promise<StoredReferral | null> {
  const [row] = await query<StoredReferral>(tx, `select ${columns} from referrals where referee_id = ?`, [refereeId])
  return row ?? null
}

export type ManualReferral = Pick<StoredReferral, 'id' | 'referrerId' | 'refereeId' | 'code' | 'attributedAt'> &
  Readonly<{ doneBy: string; note: string }>

/** Keeps a referral that a person made; the customer's anchor is locked and they have none. */
export async function insertManualReferral(tx: Transaction, referral: ManualReferral): Promise<void> {
  const { id, referrerId, refereeId, code, attributedAt, doneBy, note } = referral
  await query(
    tx,
    `insert into referrals (id, referrer_id, referee_id, code, state, source, done_by, note, attributed_at, recorded_at)
     values (?, ?, ?, ?, 'registered', 'person', ?, ?, ?, ?)`,
    [id, referrerId, refereeId, code, doneBy, note, attributedAt, attributedAt],
  )
}

/** Customers, by external id, who were brought before then and have not paid. */
export async function listReferralsToExpire(tx: Transaction, before: Date, max: number): Promise<string[]> {
  const rows = await query<{ externalId: string }>(
    tx,
    `select external_id as "externalId" from referrals join users on users.id = referee_id
     where state = 'registered' and attributed_at < ? order by attributed_at limit ?`,
    [before, max],
  )
  return rows.map((row) => row.externalId)
}

/** Ends those of their referrals that are still open; the customers' anchors are locked. */
export async function expireReferrals(
  tx: Transaction,
  externalUserIds: readonly string[],
  before: Date,
  now: Date,
): Promise<void> {
  await query(
    tx,
    `update referrals set state = 'expired', expired_at = ? from users
     where users.id = referee_id and external_id = any(?::text[]) and state = 'registered' and attributed_at < ?`,
    [now, externalUserIds, before],
  )
}

export type ImportedReferral = Pick<StoredReferral, 'id' | 'referrerId' | 'refereeId' | 'attributedAt'> &
  Readonly<{ doneBy: string }>

/** Keeps a referral of elsewhere; the customer's anchor is locked and they have none. */
export async function insertImportedReferral(tx: Transaction, referral: ImportedReferral, now: Date): Promise<void> {
  const { id, referrerId, refereeId, attributedAt, doneBy } = referral
  await query(
    tx,
    `insert into referrals (id, referrer_id, referee_id, state, source, done_by, attributed_at, recorded_at)
     values (?, ?, ?, 'registered', 'import', ?, ?, ?)`,
    [id, referrerId, refereeId, doneBy, attributedAt, now],
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
