import { type Database, query, type Transaction } from '@tributary/database'
import type { TouchOutcome } from '../domain/touch.ts'

/** A code that a customer met, and what became of it. */
export type StoredTouch = Readonly<{
  eventId: string
  /** Null where its owner was erased. */
  code: string | null
  ownerId: string | null
  touchedAt: Date
  outcome: TouchOutcome
}>

export type NewTouches = Readonly<{
  eventId: string
  refereeId: string
  touches: readonly Omit<StoredTouch, 'eventId'>[]
}>

/** Keeps the touches of registrations, each in the order given. */
export async function insertTouches(tx: Transaction, all: readonly NewTouches[], now: Date): Promise<void> {
  const rows = all.flatMap(({ touches, ...told }) => touches.map((touch, place) => ({ ...told, ...touch, place })))
  await query(
    tx,
    `insert into referral_touches (event_id, place, referee_id, owner_id, code, touched_at, outcome, recorded_at)
     select new.*, ?::timestamptz from unnest(?::uuid[], ?::int[], ?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[], ?::text[])
       as new`,
    [
      now,
      rows.map((one) => one.eventId),
      rows.map((one) => one.place),
      rows.map((one) => one.refereeId),
      rows.map((one) => one.ownerId),
      rows.map((one) => one.code),
      rows.map((one) => one.touchedAt),
      rows.map((one) => one.outcome),
    ],
  )
}

/** What a customer's registrations told, the oldest first, each with its best touch first. */
export async function listTouches(db: Database, refereeId: string, max: number): Promise<StoredTouch[]> {
  return await query<StoredTouch>(
    db,
    `select event_id as "eventId", code, owner_id as "ownerId", touched_at as "touchedAt", outcome
     from referral_touches where referee_id = ? order by event_id, place limit ?`,
    [refereeId, max],
  )
}
