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

/** What a journal entry is published with, beside its ids; `entry` is the name it has in the statement. */
export function publishedColumns(knownTypes: readonly string[], entry = 'e'): string {
  const known = knownTypes.map((type) => `'${type}'`).join(', ')
  const data = `(convert_from(${entry}.body, 'UTF8')::json -> 'data')::text`
  return `case when ${entry}.type in (${known}) then ${entry}.type else 'custom.' || ${entry}.type end as type,
    ${entry}.time, ${entry}.traceparent, coalesce(${entry}.payload, ${data}) as payload, null as destination`
}
