import type { Job } from '@tributary/service-kit'
import type { LedgerMetrics } from '../metrics.ts'
import { findLatestVerification, insertVerification, type Verification } from '../store/verifications.ts'
import { verifyBooks } from '../store/verify-books.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Verifies the books once a day, and shows in the metrics what was last found. It alarms; it never repairs. */
export function verifyBooksDaily(metrics: LedgerMetrics): Job {
  return {
    name: 'verify-books',
    everyMs: HOUR_MS,
    async run({ db, now, newId, log }) {
      const latest = await findLatestVerification(db)
      const isDue = latest === null || now().getTime() - latest.startedAt.getTime() >= DAY_MS
      const verification = isDue ? await verify() : latest
      metrics.verified({ ...verification.report, finishedAt: verification.finishedAt })
      return false

      async function verify(): Promise<Verification> {
        const startedAt = now()
        const report = await verifyBooks(db)
        const done = { id: newId(), startedAt, finishedAt: now(), report }
        await insertVerification(db, done)
        if (report.status !== 'passed') log.error({ event: 'books.unsound' }, `verification ${report.status}`)
        return done
      }
    },
  }
}
