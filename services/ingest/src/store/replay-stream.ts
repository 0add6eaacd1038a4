import type { RelayStream } from '@tributary/messaging'
import { publishedColumns } from './journal-stream.ts'

/**
 * What is published again, as the relay reads it: the journal's own text under the same subject, in a message with a new
 * id and the id of its replay. What was dropped or erased since it was asked for is left out.
 */
export function replayStream(knownTypes: readonly string[]): RelayStream {
  return {
    name: 'replays',
    table: 'journal_replays',
    join: 'join webhook_events w on w.event_id = e.event_id and (w.payload is not null or w.body is not null)',
    columns: `e.message_id, e.event_id as subject, ${publishedColumns(knownTypes, 'w')}, e.replay_id,
      e.event_id as correlation_id, e.event_id as causation_id`,
  }
}
