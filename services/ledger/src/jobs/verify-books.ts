import type { Job } from '@tributary/service-kit'
import { verifyEverything } from '../steps/verify-everything.ts'
import { findLatestVerification } from '../store/verifications.ts'
import type { MoreChecks } from '../store/verify-books.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Verifies everything once a day. It alarms; it never repairs. */
export function verifyBooksDaily(clearingMaxAgeDays: number, proofs: () => Promise<MoreChecks>): Job {
  return {
    name: 'verify-books',
    everyMs: HOUR_MS,
    async run({ db, now, newId, log }) {
      const latest = await findLatestVerification(db)
      if (latest !== null && now().getTime() - latest.startedAt.getTime() < DAY_MS) return false
      const { id, report } = await verifyEverything({ db, now, newId, clearingMaxAgeDays }, proofs)
      if (report.status !== 'passed') {
        log.error(
          { event: 'books.unsound', verificationId: id, status: report.status },
          `verification ${report.status}`,
        )
      }
      return false
    },
  }
}
