import { classify, type Transaction } from '@tributary/database'
import type { VerificationStatus } from '../domain/verification.ts'
import type { Conditions } from '../store/checks/check.ts'
import { recentStandingChecks } from '../store/checks.ts'
import { allowTime, runChecks } from '../store/run-checks.ts'
import { findTrialBalance } from '../store/trial-balance.ts'
import { addKinds, addReports, getProgress, type Progress, updateProgress } from '../store/verification-progress.ts'
import { insertVerification, type Verification } from '../store/verifications.ts'
import type { BooksReport } from '../store/verify-books.ts'
import { checkNextBatches, findMovedKinds, findNextBatches, type NextBatches } from '../store/verify-new-entries.ts'
import { conditionsAt, type Verifier } from './verify-everything.ts'

/** A row an hour says that nothing happened; whatever did happen gets its row at once. */
const TELL_EVERY_MS = 3_600_000

export type VerifiedStep = Readonly<{
  /** Whether there is more to verify at once. */
  more: boolean
  status: VerificationStatus
  /** The row that this step wrote, if it did. */
  told: Verification | null
}>

/**
 * Verifies the next batches and remembers how far that went. Where it does not pass, nothing moves on: what failed is not
 * tried again before everything has been verified and found sound; what could not be finished is. Several processes may
 * run this: whoever comes second finds that it was done, which is null.
 */
export async function verifyNextBatches(verifier: Verifier): Promise<VerifiedStep | null> {
  try {
    return await verifier.db.transaction((tx) => verifyIn(tx, verifier), { isolationLevel: 'repeatable read' })
  } catch (error) {
    if (classify(error) === 'retry') return null
    throw error
  }
}

async function verifyIn(tx: Transaction, verifier: Verifier): Promise<VerifiedStep> {
  const startedAt = verifier.now()
  const progress = await getProgress(tx)
  const isDue = progress.toldAt === null || startedAt.getTime() - progress.toldAt.getTime() >= TELL_EVERY_MS
  const { place, comparedTo } = progress.verified
  if (progress.status === 'failed') {
    const stands = { ...progress, kinds: await findTrialBalance(tx) }
    // Said again, so that whoever looks only at the last day sees it.
    const told = isDue ? await tell(tx, stands, startedAt, place.batch, verifier) : null
    if (!isDue) await updateProgress(tx, stands)
    return { more: false, status: 'failed', told }
  }
  await allowTime(tx)
  const conditions = conditionsAt(startedAt, verifier.clearingMaxAgeDays)
  const next = await findNextBatches(tx, place)
  const { end, atTheEnd } = next
  // Before anything is written: a transaction that has written keeps the relay waiting for its end.
  const kinds = await findMovedKinds(tx, next.range)
  const standing =
    isDue && atTheEnd
      ? await runChecks(tx, recentStandingChecks, { ...conditions, range: next.range })
      : progress.standing
  const report = await checkOrUndo(tx, next, comparedTo, conditions)
  const { status } = report
  const after: Progress = { ...progress, status, ranAt: startedAt, standing }
  if (status !== 'passed') {
    const stopped = { ...after, report }
    const isNews = progress.status === 'passed' || isDue
    const told = isNews ? await tell(tx, stopped, startedAt, place.batch, verifier) : null
    if (!isNews) await updateProgress(tx, stopped)
    return { more: false, status, told }
  }
  const moved: Progress = {
    ...after,
    verified: { place: end, comparedTo: atTheEnd && end.batch > 0n ? end.postedAt : comparedTo },
    report: addReports(progress.status === 'passed' ? progress.report : null, report),
    kinds: addKinds(progress.kinds, kinds),
  }
  if (isDue && atTheEnd) {
    return { more: false, status, told: await tell(tx, moved, startedAt, progress.toldBatch, verifier) }
  }
  await updateProgress(tx, moved)
  return { more: !atTheEnd, status, told: null }
}

/** What was carried over batches that do not pass must not stay. */
async function checkOrUndo(
  tx: Transaction,
  next: NextBatches,
  comparedTo: string,
  conditions: Conditions,
): Promise<BooksReport> {
  const inner = await tx.transaction()
  const report = await checkNextBatches(inner, next, comparedTo, conditions)
  await (report.status === 'passed' ? inner.commit() : inner.rollback())
  return report
}

/** Writes a row of what was found since the last one, and of what others owe the books by now. */
async function tell(
  tx: Transaction,
  progress: Progress,
  startedAt: Date,
  afterBatch: bigint,
  { now, newId }: Verifier,
): Promise<Verification> {
  const { standing, status } = progress
  const report = progress.report!
  const failed = standing.some((result) => result.status === 'failed')
  const unsure = standing.some((result) => result.status === 'not_run')
  const all: BooksReport = {
    ...report,
    status: status === 'failed' || failed ? 'failed' : status === 'incomplete' || unsure ? 'incomplete' : 'passed',
    checks: [...report.checks, ...standing],
  }
  const toBatch = BigInt(report.chainHead.batch)
  const row: Verification = {
    ...{ id: newId(), kind: 'incremental', startedAt, finishedAt: now() },
    ...{ fromBatch: afterBatch + 1n, toBatch, report: all },
  }
  await insertVerification(tx, row)
  const isSound = status === 'passed'
  await updateProgress(tx, {
    ...progress,
    report: isSound ? null : report,
    toldAt: startedAt,
    toldBatch: isSound ? toBatch : progress.toldBatch,
  })
  return row
}
