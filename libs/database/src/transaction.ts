import type { Database, Transaction } from './open.ts'
import { classify } from './violations.ts'

/**
 * Runs in one transaction at READ COMMITTED. When it collides with another (deadlock, serialization failure, lock
 * timeout) it is rolled back and run again, at most `attemptsMax` times in all; so `run` must have no effect outside.
 */
export async function inTransaction<T>(
  db: Database,
  run: (tx: Transaction) => Promise<T>,
  { attemptsMax = 3 }: { attemptsMax?: number } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(run)
    } catch (error) {
      if (attempt >= attemptsMax || classify(error) !== 'retry') throw error
    }
  }
}
