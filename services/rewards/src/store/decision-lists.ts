import { type Database, query } from '@tributary/database'
import { whereOf } from './filter.ts'

export type DecisionRow = Readonly<{
  id: string
  eventId: string
  revision: number
  type: string
  externalUserId: string | null
  outcome: 'processed' | 'ignored'
  reason: string | null
  rewardIds: string[]
  trace: unknown
  happenedAt: Date
  recordedAt: Date
}>

const columns = `id, event_id as "eventId", revision, type, external_user_id as "externalUserId", outcome, reason,
  reward_ids as "rewardIds", trace, happened_at as "happenedAt", recorded_at as "recordedAt"`

export type DecisionFilter = Readonly<{
  eventId?: string | undefined
  userId?: string | undefined
  before?: Readonly<{ eventId: string; revision: number }> | undefined
  limit: number
}>

/** The newest event first, and of each event the newest answer. A user's are those about them and about whom they referred. */
export async function listDecisions(db: Database, filter: DecisionFilter): Promise<DecisionRow[]> {
  const { clause, bindings } = whereOf([
    ['event_id = ?', filter.eventId],
    [
      `external_user_id in (
         select external_id from users where id = ?
         union all
         select external_id from referrals join users on users.id = referee_id where referrer_id = ?)`,
      filter.userId,
    ],
    ['event_id <= ?', filter.before?.eventId],
  ])
  const { before } = filter
  // The rest of the cursor's own event: a row comparison could not use the index by user.
  const rest = before === undefined ? '' : 'and (event_id < ? or revision < ?)'
  const more = before === undefined ? [] : [before.eventId, before.revision]
  return await query<DecisionRow>(
    db,
    `select ${columns} from decisions ${clause} ${rest} order by event_id desc, revision desc limit ?`,
    [...bindings, ...more, filter.limit],
  )
}

/** The first answer to an event and its trace, or the latest; null where the event was never decided. */
export async function findLatestDecision(db: Database, eventId: string): Promise<DecisionRow | null> {
  const [row] = await listDecisions(db, { eventId, limit: 1 })
  return row ?? null
}
