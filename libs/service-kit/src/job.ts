import type { ServiceName } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import type { Logger } from '@tributary/observability'
import type { InTransaction } from './route.ts'

/** What a job may touch. */
export type JobContext = Readonly<{
  db: Database
  /** Opens a transaction with an outbox; for writes that publish. */
  transaction: InTransaction
  now: () => Date
  newId: () => string
  log: Logger
  service: ServiceName
  /** Aborted when the process is asked to stop: finish the current step and return. */
  signal: AbortSignal
}>

/**
 * Work that time asks for. One process at a time runs it (an advisory lock), but that alone is no guarantee
 * (a lost connection frees the lock while work goes on), so a job claims the rows it works on.
 */
export type Job = Readonly<{
  /** Verb-noun, such as `release-matured-rewards`. */
  name: string
  everyMs: number
  /** Works one bounded step. Answers true when there is more, to be called again at once. */
  run(context: JobContext): Promise<boolean>
}>
