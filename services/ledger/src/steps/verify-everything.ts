import { type Database, inTransaction } from '@tributary/database'
import type { Conditions } from '../store/checks/check.ts'
import { beginAnew, getProgress } from '../store/verification-progress.ts'
import { insertVerification, type Verification } from '../store/verifications.ts'
import { type MoreChecks, verifyBooks } from '../store/verify-books.ts'

/** What a verification needs from the way in that asks for it. */
export type Verifier = Readonly<{
  db: Database
  now: () => Date
  newId: () => string
  clearingMaxAgeDays: number
}>

/**
 * Verifies everything and keeps what was found. Where it finds all sound, incremental verification that had failed on
 * something seen here begins anew.
 */
export async function verifyEverything(
  { db, now, newId, clearingMaxAgeDays }: Verifier,
  proofs: () => Promise<MoreChecks>,
): Promise<Verification> {
  const startedAt = now()
  const report = await verifyBooks(db, conditionsAt(startedAt, clearingMaxAgeDays), await proofs())
  const toBatch = BigInt(report.chainHead.batch)
  const made: Verification = { id: newId(), kind: 'full', startedAt, finishedAt: now(), fromBatch: 1n, toBatch, report }
  await inTransaction(db, async (tx) => {
    await insertVerification(tx, made)
    if (report.status !== 'passed') return
    const progress = await getProgress(tx)
    const failedAt = BigInt(progress.report?.chainHead.batch ?? 0)
    if (progress.status !== 'passed' && failedAt <= toBatch) await beginAnew(tx, progress)
  })
  return made
}

/** What the checks depend on at an instant. */
export const conditionsAt = (now: Date, clearingMaxAgeDays: number): Conditions => ({
  now: now.toISOString(),
  clearingMaxAgeDays,
})
