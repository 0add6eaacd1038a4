import type { EventDefinition, ServiceName } from '@tributary/contracts'
import type { Consumer, RelayStream } from '@tributary/messaging'
import type { Job } from './job.ts'
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
  /** What only this service has to undo at the end, such as a pending group commit. Runs after HTTP has drained. */
  stop?: () => Promise<void>
}>
