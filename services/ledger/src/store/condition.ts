import { type Database, query } from '@tributary/database'
import type { CheckResult } from '../domain/verification.ts'
import { standingChecks } from './checks/standing.ts'
import { getProgress, type Progress } from './verification-progress.ts'
import { findLatestVerification, type Verification } from './verifications.ts'

/** All that is known of whether the books are sound. */
export type BooksCondition = Readonly<{
  /** The last verification of everything; null before the first. */
  full: Verification | null
  /** What has been verified since, and before. */
  progress: Progress
  /** The last batch posted. */
  headBatch: bigint
}>

export async function findCondition(db: Database): Promise<BooksCondition> {
  const [head] = await query<{ batch: bigint }>(db, 'select batch from ledger_head')
  return {
    full: await findLatestVerification(db),
    progress: await getProgress(db),
    headBatch: head?.batch ?? 0n,
  }
}

/** What others owe the books by now: both kinds of verification look at it, and what was found later counts. */
export function latestStanding({ full, progress }: Pick<BooksCondition, 'full' | 'progress'>): readonly CheckResult[] {
  const { standing, toldAt } = progress
  if (full === null || (toldAt !== null && toldAt > full.startedAt)) return standing
  const names = standingChecks.map(({ name }) => name)
  return full.report.checks.filter(({ name }) => names.includes(name))
}
