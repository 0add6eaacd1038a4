import { type Database, query, type Transaction } from '@tributary/database'
import type { Referee, Referral, ReferralState } from '../domain/referral.ts'

/**
 * Locks the anchors of these customers until the end of the transaction, creating what is missing, and answers what is
 * known of them. The referrals are read after the locks are held: a registration that went first is seen whole.
 */
export async function lockReferees(
  tx: Transaction,
  externalUserIds: readonly string[],
  now: Date,
): Promise<Map<string, Referee>> {
  const ids = [...new Set(externalUserIds)]
  const anchors = await lockAnchors(tx, ids)
  const missing = ids.filter((id) => !anchors.has(id))
  if (missing.length > 0) {
    await query(
      tx,
      `insert into referees (external_user_id, seen_at)
       select id, ?::timestamptz from unnest(?::text[]) id order by id on conflict do nothing`,
      [now, missing],
    )
    for (const [id, userId] of await lockAnchors(tx, missing)) anchors.set(id, userId)
  }
  const referrals = await listReferralsOf(
    tx,
    [...anchors.values()].filter((id) => id !== null),
  )
  return new Map(
    [...anchors].map(([externalUserId, userId]) => {
      const referral = userId === null ? null : (referrals.get(userId) ?? null)
      return [externalUserId, { externalUserId, userId, referral }]
    }),
  )
}

/** Sorted, so that two batches that share customers wait for each other instead of deadlocking. */
async function lockAnchors(tx: Transaction, ids: readonly string[]): Promise<Map<string, string | null>> {
  const rows = await query<{ external_user_id: string; user_id: string | null }>(
    tx,
    `select external_user_id, user_id from referees where external_user_id = any(?::text[])
     order by external_user_id for no key update`,
    [ids],
  )
  return new Map(rows.map((row) => [row.external_user_id, row.user_id]))
}

async function listReferralsOf(
  tx: Database | Transaction,
  refereeIds: readonly string[],
): Promise<Map<string, Referral>> {
  if (refereeIds.length === 0) return new Map()
  const rows = await query<{
    id: string
    referrer_id: string
    referee_id: string
    state: ReferralState
    attributed_at: Date
    expires_at: Date | null
    is_late: boolean
  }>(
    tx,
    `select id, referrer_id, referee_id, state, attributed_at, expires_at, is_late from referrals
     where referee_id = any(?::uuid[])`,
    [refereeIds],
  )
  return new Map(
    rows.map((row) => [
      row.referee_id,
      {
        id: row.id,
        referrerId: row.referrer_id,
        refereeId: row.referee_id,
        state: row.state,
        attributedMs: row.attributed_at.getTime(),
        expiresMs: row.expires_at?.getTime() ?? null,
        isLate: row.is_late,
      },
    ]),
  )
}

export type NewRegistration = Readonly<{ externalUserId: string; userId: string; at: Date }>

/** Marks customers as registered; their anchors are locked. */
export async function registerReferees(tx: Transaction, registrations: readonly NewRegistration[]): Promise<void> {
  await query(
    tx,
    `update referees set user_id = new.user_id, registered_at = new.at
     from unnest(?::text[], ?::uuid[], ?::timestamptz[]) as new (external_user_id, user_id, at)
     where referees.external_user_id = new.external_user_id`,
    [
      registrations.map((one) => one.externalUserId),
      registrations.map((one) => one.userId),
      registrations.map((one) => one.at),
    ],
  )
}

/** What is known of a customer, without locking anything: for looking, never for deciding. */
export async function findReferee(db: Database, externalUserId: string): Promise<Referee> {
  const [row] = await query<{ user_id: string | null }>(db, 'select user_id from referees where external_user_id = ?', [
    externalUserId,
  ])
  const userId = row?.user_id ?? null
  const referral = userId === null ? null : ((await listReferralsOf(db, [userId])).get(userId) ?? null)
  return { externalUserId, userId, referral }
}
