import type { EventDefinition, ServiceName } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import type { Consumer, RelayStream } from '@tributary/messaging'
import type { Metrics } from '@tributary/observability'
import type { JWTVerifyGetKey } from 'jose'
import type { Job } from './job.ts'
import type { PartitionedTable } from './maintenance.ts'
import type { Route } from './route.ts'

/** A service's table of contents: everything it answers, hears, says and does by itself. */
export type Service = Readonly<{
  name: ServiceName
  routes: readonly Route[]
  /** In the order in which a mixed batch is worked. */
  consumes: readonly Consumer[]
  publishes: readonly EventDefinition[]
  jobs: readonly Job[]
  /** Sources of messages beside the outbox, such as ingest's journal. */
  streams?: readonly RelayStream[]
  /** Its tables that are split by time, kept ahead of it like the outbox and the inbox. */
  tables?: readonly PartitionedTable[]
  /** The keys that tokens are checked with, for the service that signs them; others fetch them. */
  authKeys?: JWTVerifyGetKey
  /** Adds the service's own instruments to the metrics, once, before anything runs. */
  instrument?: (metrics: Metrics) => void
  /**
   * Brings instruments up to date that show what the database holds. Runs before each scrape, in every process, so that all
   * show the same and a restart forgets nothing; where it fails or takes too long, they stay as they were.
   */
  measure?: (db: Database) => Promise<void>
  /** What only this service has to undo at the end, such as a pending group commit. Runs after HTTP has drained. */
  stop?: () => Promise<void>
}>
