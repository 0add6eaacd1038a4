import { type Database, query, type Transaction } from '@tributary/database'

/** So far up a chain of who brought whom; longer ones are not looked through. */
const CHAIN_MAX = 100

const chains = `hashtextextended('who brought whom', 0)`

/**
 * Lets nobody else say who brought whom before the end of the transaction: two who say at the same instant that the other
 * brought them, must not both be believed. Taken after customers' anchors and before anything else.
 */
export async function lockChains(tx: Transaction): Promise<void> {
  await query(tx, `select pg_advisory_xact_lock(${chains})`)
}

/**
 * Answers who brought these people, who brought those, and so on: the referrer by the referee; nothing where none of
 * `closing` can close a ring. Whoever can, because they own a code or brought somebody, comes one after the other; others
 * only keep out `lockChains`.
 */
export async function lockBrought(
  tx: Transaction,
  referrerIds: readonly string[],
  closing: readonly string[],
): Promise<Map<string, string>> {
  if (referrerIds.length === 0) return new Map()
  const can = await canClose(tx, closing)
  if (can) await lockChains(tx)
  else await query(tx, `select pg_advisory_xact_lock_shared(${chains})`)
  // Somebody may have said so while we waited.
  return can || (await canClose(tx, closing)) ? await listBrought(tx, referrerIds) : new Map()
}

async function canClose(tx: Transaction, userIds: readonly string[]): Promise<boolean> {
  const [row] = await query<{ can: boolean }>(
    tx,
    `select exists (select from referral_codes where user_id = any(?::uuid[]))
       or exists (select from referrals where referrer_id = any(?::uuid[])) as can`,
    [userIds, userIds],
  )
  return row!.can
}

/** The same, without keeping anybody out. */
export async function listBrought(
  db: Database | Transaction,
  referrerIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await query<{ refereeId: string; referrerId: string }>(
    db,
    `with recursive chain (referee_id, referrer_id, depth) as (
       select referee_id, referrer_id, 1 from referrals where referee_id = any(?::uuid[]) and state <> 'rejected'
       union
       select above.referee_id, above.referrer_id, depth + 1 from chain
       join referrals above on above.referee_id = chain.referrer_id
       where above.state <> 'rejected' and depth < ?)
     select distinct referee_id as "refereeId", referrer_id as "referrerId" from chain`,
    [referrerIds, CHAIN_MAX],
  )
  return new Map(rows.map(({ refereeId, referrerId }) => [refereeId, referrerId]))
}
