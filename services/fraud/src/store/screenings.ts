import { type Database, query, type Transaction } from '@tributary/database'
import type { Decision, Subject } from '../domain/screening.ts'

export type Screening = Readonly<{
  id: string
  subject: Subject
  subjectId: string
  revision: number
  decision: Decision
}>

export type StoredScreening = Screening & Readonly<{ at: Date }>

/** The ids among these that have been screened before. */
export async function findScreened(
  tx: Transaction,
  subject: Subject,
  subjectIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await query<{ subject_id: string }>(
    tx,
    'select distinct subject_id from screenings where subject = ? and subject_id = any(?::uuid[])',
    [subject, subjectIds],
  )
  return new Set(rows.map((row) => row.subject_id))
}

/**
 * Stores screenings and answers the ids of those it stored. Where another transaction is storing the same subject and
 * revision it waits for its end, and leaves out what that one has stored.
 */
export async function insertScreenings(
  tx: Transaction,
  screenings: readonly Screening[],
  at: Date,
): Promise<ReadonlySet<string>> {
  if (screenings.length === 0) return new Set()
  // Sorted, so that two batches that share subjects wait for each other instead of deadlocking.
  const sorted = screenings.toSorted((a, b) => (a.subjectId < b.subjectId ? -1 : 1))
  const rows = await query<{ id: string }>(
    tx,
    `insert into screenings (id, subject, subject_id, revision, decision, at)
     select *, ?::timestamptz from unnest(?::uuid[], ?::text[], ?::uuid[], ?::int[], ?::text[])
     on conflict on constraint screenings_one_per_subject_and_revision do nothing
     returning id`,
    [
      at,
      sorted.map((screening) => screening.id),
      sorted.map((screening) => screening.subject),
      sorted.map((screening) => screening.subjectId),
      sorted.map((screening) => screening.revision),
      sorted.map((screening) => screening.decision),
    ],
  )
  return new Set(rows.map((row) => row.id))
}

const columns = 'id, subject, subject_id as "subjectId", revision, decision, at'

export async function findScreening(db: Database, id: string): Promise<StoredScreening | null> {
  const [row] = await query<StoredScreening>(db, `select ${columns} from screenings where id = ?`, [id])
  return row ?? null
}

export type ScreeningFilter = Readonly<{
  subject?: Subject | undefined
  decision?: Decision | undefined
  /** Only what was screened before this one. */
  before?: string | undefined
  limit: number
}>

/** The newest first; their ids grow with time. */
export async function findScreenings(db: Database, filter: ScreeningFilter): Promise<StoredScreening[]> {
  const { subject = null, decision = null, before = null, limit } = filter
  return await query<StoredScreening>(
    db,
    `select ${columns} from screenings
     where (?::text is null or subject = ?) and (?::text is null or decision = ?) and (?::uuid is null or id < ?)
     order by id desc limit ?`,
    [subject, subject, decision, decision, before, before, limit],
  )
}
