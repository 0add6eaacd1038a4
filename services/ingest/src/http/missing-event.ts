import type { Database } from '@tributary/database'
import { Problem } from '@tributary/service-kit'
import { timeOfId } from '../domain/event-time.ts'
import { isDropped } from '../store/dropped-days.ts'

/** Why there is no event of this id: there never was one, or its day is no longer kept. */
export async function missingEvent(db: Database, eventId: string): Promise<Problem> {
  const at = timeOfId(eventId)
  const isGone = at.getUTCFullYear() < 10_000 && (await isDropped(db, at))
  const why = isGone
    ? `events received on ${at.toISOString().slice(0, 10)} are no longer kept here`
    : `there is no event ${eventId}`
  return new Problem('not_found', { detail: why })
}
