import { query, type Transaction } from '@tributary/database'
import type { Verdict } from '../domain/verdict.ts'

export type NewDecision = Readonly<{
  id: string
  eventId: string
  revision: number
  type: string
  externalUserId: string | null
  verdict: Verdict
  rewardIds: readonly string[]
  /** Every rule looked at and every condition with the value seen; no personal data. */
  trace: unknown
  happenedAt: Date
}>

export async function insertDecisions(tx: Transaction, decisions: readonly NewDecision[], now: Date): Promise<void> {
  await query(
    tx,
    `insert into decisions (id, event_id, revision, type, external_user_id, outcome, reason, reward_ids, trace,
       happened_at, recorded_at)
     select id, event_id, revision, type, external_user_id, outcome, reason, reward_ids::uuid[], trace, happened_at,
       ?::timestamptz
     from unnest(?::uuid[], ?::uuid[], ?::int[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::jsonb[],
       ?::timestamptz[])
       as new (id, event_id, revision, type, external_user_id, outcome, reason, reward_ids, trace, happened_at)`,
    [
      now,
      decisions.map((one) => one.id),
      decisions.map((one) => one.eventId),
      decisions.map((one) => one.revision),
      decisions.map((one) => one.type),
      decisions.map((one) => one.externalUserId),
      decisions.map((one) => one.verdict.outcome),
      decisions.map((one) => one.verdict.reason),
      // As text: unnest would flatten an array of arrays.
      decisions.map((one) => `{${one.rewardIds.join(',')}}`),
      decisions.map((one) => JSON.stringify(one.trace)),
      decisions.map((one) => one.happenedAt),
    ],
  )
}

/** Those of these events that were decided before: their effects are committed, whatever message brings them again. */
export async function listDecided(tx: Transaction, eventIds: readonly string[]): Promise<Set<string>> {
  const rows = await query<{ event_id: string }>(
    tx,
    'select event_id from decisions where event_id = any(?::uuid[]) and revision = 1',
    [eventIds],
  )
  return new Set(rows.map((row) => row.event_id))
}
