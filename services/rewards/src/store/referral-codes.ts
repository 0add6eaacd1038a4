import { type Database, query, type Transaction } from '@tributary/database'
import { type CodeOwner, codeKey } from '../domain/referral-code.ts'

export type ReferralCode = Readonly<{ code: string; userId: string; createdAt: Date }>

const columns = 'code, user_id as "userId", created_at as "createdAt"'

/** Answers false where somebody has the code already, in whatever case, or had it before they were erased. */
export async function insertCode(tx: Transaction, { code, userId, createdAt }: ReferralCode): Promise<boolean> {
  const rows = await query(
    tx,
    `insert into referral_codes (code, user_id, created_at) select ?, ?::uuid, ?::timestamptz
     where not exists (select from retired_codes where digest = sha256(convert_to(?, 'UTF8')))
     on conflict do nothing returning code`,
    [code, userId, createdAt, codeKey(code)],
  )
  return rows.length > 0
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
