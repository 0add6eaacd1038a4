import { type Database, query, type Transaction } from '@tributary/database'

/** So far up a chain of who brought whom; longer ones are not looked through. */
const CHAIN_MAX = 100

/**
 * Answers who brought these people, who brought those, and so on: the referrer by the referee. While one of `closing`
 * owns a code, and so may have brought somebody, it lets one transaction after the other do this: two who say at the same
 * instant that the other brought them, must not both be believed.
 */
export async function lockBrought(
  tx: Transaction,
  referrerIds: readonly string[],
  closing: readonly string[],
): Promise<Map<string, string>> {
  if (referrerIds.length === 0) return new Map()
  const [may] = await query<{ one: number }>(
    tx,
    `select 1 as one where exists (select from referral_codes where user_id = any(?::uuid[]))
       or exists (select from referrals where referrer_id = any(?::uuid[]))`,
    [closing, closing],
  )
  if (may === undefined) return new Map()
  await query(tx, `select pg_advisory_xact_lock(hashtextextended('who brought whom', 0))`)
  return await listBrought(tx, referrerIds)
}

/** The same, for looking. */
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
