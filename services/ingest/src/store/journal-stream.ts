import type { RelayStream } from '@tributary/messaging'

/** What the relay calls it. */
export const JOURNAL = 'journal'

/**
 * The journal as the relay reads it: what was accepted to be published. A webhook's event is its own cause, and its first publication has the event's id.
 * `body::json -> 'data'` answers the very characters that were sent, numbers beyond a double included.
 */
export function journalStream(knownTypes: readonly string[]): RelayStream {
  return {
    name: JOURNAL,
    table: 'webhook_events',
    only: "e.disposition = 'publish'",
    columns: `e.event_id as message_id, e.event_id as subject, ${publishedColumns(knownTypes)},
      e.event_id as correlation_id, e.event_id as causation_id`,
  }
}

/** What a journal entry, known as `e`, is published with, beside its ids. */
export function publishedColumns(knownTypes: readonly string[]): string {
  const known = knownTypes.map((type) => `'${type}'`).join(', ')
  return `case when e.type in (${known}) then e.type else 'custom.' || e.type end as type, e.time, e.traceparent,
    coalesce(e.payload, (convert_from(e.body, 'UTF8')::json -> 'data')::text) as payload, null as destination`
}
