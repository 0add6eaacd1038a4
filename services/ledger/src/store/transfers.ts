import { type Database, query } from '@tributary/database'

/** A posted transfer, as it is shown. Times are RFC 3339 with microseconds. */
export type StoredTransfer = Readonly<{
  id: string
  number: bigint
  kind: string
  debitAccount: string
  creditAccount: string
  userId: string | null
  provider: string | null
  amount: bigint
  currency: string
  causeId: string
  rewardId: string | null
  cashoutId: string | null
  postedAt: string
  effectiveAt: string
}>

/** What was asked and how it was answered. All that was asked is null on causes from before it was kept. */
export type StoredCause = Readonly<{
  outcome: string
  reason: string | null
  answeredAt: string
  kind: string | null
  /** The reward or the cashout that it is about, or the cause itself. */
  subjectId: string | null
  userId: string | null
  amount: bigint | null
  currency: string | null
  detail: string | null
}>

const select = `select t.id, t.number, t.kind, d.kind as "debitAccount", c.kind as "creditAccount",
    coalesce(d.user_id, c.user_id) as "userId", coalesce(d.provider, c.provider) as provider,
    t.amount, t.currency, t.cause_id as "causeId", t.reward_id as "rewardId", t.cashout_id as "cashoutId",
    to_char(t.posted_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "postedAt",
    to_char(t.effective_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "effectiveAt"
  from transfers t join accounts d on d.id = t.debit_account join accounts c on c.id = t.credit_account`

export async function findTransfer(db: Database, id: string): Promise<StoredTransfer | null> {
  const [row] = await query<StoredTransfer>(db, `${select} where t.id = ?::uuid`, [id])
  return row ?? null
}

/** What a cause led to, in the order of posting. The cause says when, so only its month is looked at. */
export function findTransfersOfCause(
  db: Database,
  causeId: string,
  after: string | null,
  limit: number,
): Promise<StoredTransfer[]> {
  return query<StoredTransfer>(
    db,
    `${select} join causes on t.id = any (causes.transfer_ids) and t.posted_at = causes.posted_at
     where causes.cause_id = ?::uuid and t.number > coalesce(?::bigint, 0) order by t.number limit ?`,
    [causeId, after, limit],
  )
}

export async function findCause(db: Database, causeId: string): Promise<StoredCause | null> {
  const [row] = await query<StoredCause>(
    db,
    `select outcome, reason, to_char(posted_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "answeredAt",
       kind, subject_id as "subjectId", user_id as "userId", amount, currency, detail
     from causes where cause_id = ?::uuid`,
    [causeId],
  )
  return row ?? null
}
