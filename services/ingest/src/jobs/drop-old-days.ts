import type { Database } from '@tributary/database'
import type { Job } from '@tributary/service-kit'
import type { IngestConfig } from '../config.ts'
import { type WrittenArchive, writeArchive } from '../steps/write-archive.ts'
import { digestsOfDay } from '../store/digests.ts'
import { dropDay, listDaysBefore } from '../store/dropped-days.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

type Settings = Pick<IngestConfig, 'INGEST_RETENTION_DAYS' | 'INGEST_ARCHIVE_DIRECTORY'>

/** Lets days go that are older than what is to be kept, archived first where wanted. None where all is kept, as by default. */
export function dropOldDays({
  INGEST_RETENTION_DAYS: days,
  INGEST_ARCHIVE_DIRECTORY: directory,
}: Settings): readonly Job[] {
  if (days === undefined) return []
  return [
    {
      name: 'drop-old-days',
      everyMs: HOUR_MS,
      async run({ db, now, newId, log, signal }) {
        // What cannot go yet keeps only its own day.
        for (const day of await listDaysBefore(db, new Date(now().getTime() - days * DAY_MS))) {
          if (signal.aborted) return false
          const archive = directory === undefined ? null : await writeArchive(db, day, directory, newId())
          const reason = await dropOrDiscard(db, day, archive)
          if (reason === null) {
            log.info(
              { event: 'journal.day-dropped', startsAt: day.toISOString(), fileName: archive?.name },
              'journal.day-dropped',
            )
            return true
          }
          log.warn({ event: 'journal.day-kept', startsAt: day.toISOString(), reason }, 'journal.day-kept')
        }
        return false
      },
    },
  ]
}

/** Null when the day went; else why it stays. The archive is kept, or nothing is left of it. */
async function dropOrDiscard(db: Database, day: Date, archive: WrittenArchive | null): Promise<string | null> {
  try {
    return await dropDay(db, day, await digestsOfDay(db, day), archive)
  } finally {
    await archive?.discard()
  }
}
