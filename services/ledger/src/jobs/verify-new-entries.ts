import type { Job } from '@tributary/service-kit'
import { verifyNextBatches } from '../steps/verify-new-entries.ts'

const MINUTE_MS = 60_000

/** Verifies what was posted since it did last. It alarms; it never repairs. */
export function verifyNewEntries(clearingMaxAgeDays: number): Job {
  return {
    name: 'verify-new-entries',
    everyMs: MINUTE_MS,
    async run({ db, now, newId, log }) {
      const step = await verifyNextBatches({ db, now, newId, clearingMaxAgeDays })
      if (step === null) return false
      const { told, more } = step
      if (told !== null && told.report.status !== 'passed') {
        log.error(
          { event: 'books.unsound', verificationId: told.id, status: told.report.status },
          `verification of new entries ${told.report.status}`,
        )
      }
      return more
    },
  }
}
