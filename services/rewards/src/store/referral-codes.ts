import { type Database, query, type Transaction } from '@tributary/database'
import { type CodeOwner, codeKey, skeletonOf } from '../domain/referral-code.ts'

export type NewCode = Readonly<{ code: string; userId: string; createdAt: Date }>

/** An owner's newest code is the current one; older ones keep working. */
export type ReferralCode = NewCode & Readonly<{ isCurrent: boolean }>

const columns = `code, user_id as "userId", created_at as "createdAt", not exists (
  select from referral_codes newer where newer.user_id = referral_codes.user_id
    and (newer.created_at, lower(newer.code)) > (referral_codes.created_at, lower(referral_codes.code))) as "isCurrent"`

/**
 * Answers false where somebody else has a code that looks like this one, anybody has this one, or somebody had it before
 * they were erased.
 */
export async function insertCode(tx: Transaction, { code, userId, createdAt }: NewCode): Promise<boolean> {
  const skeleton = skeletonOf(code)
  await lockLookalikes(tx, [code])
  const rows = await query(
    tx,
    `insert into referral_codes (code, user_id, created_at) select ?, ?::uuid, ?::timestamptz
     where not exists (select from retired_codes where digest = sha256(convert_to(?, 'UTF8')))
       and not exists (select from referral_codes where skeleton = ? and user_id <> ?::uuid)
     on conflict do nothing returning code`,
    [code, userId, createdAt, codeKey(code), skeleton, userId],
  )
  return rows.length > 0
}

/** Of those who take look-alikes of these codes at the same instant the second waits, and sees the first. Locked sorted. */
export async function lockLookalikes(tx: Transaction, codes: readonly string[]): Promise<void> {
  await query(
    tx,
    `select pg_advisory_xact_lock(hashtextextended('referral_codes:' || skeleton, 0))
     from (select distinct unnest(?::text[]) as skeleton order by 1) one`,
    [codes.map(skeletonOf)],
  )
}

/** All codes of a user, the current one first. */
export async function listCodes(db: Database, userId: string, max: number): Promise<ReferralCode[]> {
  return await query<ReferralCode>(
    db,
    `select ${columns} from referral_codes where user_id = ? order by created_at desc, lower(code) desc limit ?`,
    [userId, max],
  )
}

export async function findCode(db: Database | Transaction, code: string): Promise<ReferralCode | null> {
  const [row] = await query<ReferralCode>(db, `select ${columns} from referral_codes where lower(code) = ?`, [
    codeKey(code),
  ])
  return row ?? null
}

/** Who owns these codes, by the code's key. */
export async function listCodeOwners(
  db: Database | Transaction,
  codes: readonly string[],
  lock: 'for key share of users' | '' = '',
): Promise<Map<string, CodeOwner>> {
  if (codes.length === 0) return new Map()
  const rows = await query<CodeOwner>(
    db,
    `select code, user_id as "userId", email from referral_codes join users on users.id = user_id
     where lower(code) = any(?::text[]) and erased_at is null ${lock}`,
    [[...new Set(codes.map(codeKey))]],
  )
  return new Map(rows.map((row) => [codeKey(row.code), row]))
}

/** The same, and nobody of them can be erased before the end of the transaction. */
export async function lockCodeOwners(tx: Transaction, codes: readonly string[]): Promise<Map<string, CodeOwner>> {
  return await listCodeOwners(tx, codes, 'for key share of users')
}

/** Those of these codes, by key, that somebody had before they were erased. */
export async function listRetiredCodes(db: Database | Transaction, codes: readonly string[]): Promise<Set<string>> {
  if (codes.length === 0) return new Set()
  const rows = await query<{ code: string }>(
    db,
    `select code from unnest(?::text[]) code join retired_codes on digest = sha256(convert_to(code, 'UTF8'))`,
    [codes.map(codeKey)],
  )
  return new Set(rows.map(({ code }) => code))
}

/** Codes and whose they are, as an import takes them in; `before` is the last code of the page before, in lower case. */
export async function listCodePairs(
  db: Database,
  before: string | undefined,
  max: number,
): Promise<{ id: string; cells: string[] }[]> {
  const rows = await query<{ code: string; externalId: string }>(
    db,
    `select code, external_id as "externalId" from referral_codes join users on users.id = user_id
     where ?::text is null or lower(code) < ?::text order by lower(code) desc limit ?`,
    [before ?? null, before ?? null, max],
  )
  return rows.map(({ code, externalId }) => ({ id: codeKey(code), cells: [externalId, code] }))
}
