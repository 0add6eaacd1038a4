import type { RelayStream } from '@tributary/messaging'

/**
 * The journal as the relay reads it: what was accepted to be published. A webhook's event is its own cause, and its first publication has the event's id.
 * `body::json -> 'data'` answers the very characters that were sent, numbers beyond a double included.
 */
export function journalStream(knownTypes: readonly string[]): RelayStream {
  const known = knownTypes.map((type) => `'${type}'`).join(', ')
  return {
    name: 'journal',
    table: 'webhook_events',
    only: "disposition = 'publish'",
    sql: `select e.xid::text as xid_text, e.seq::text as seq_text, event_id as message_id, event_id as subject,
            case when type in (${known}) then type else 'custom.' || type end as type,
            time, event_id as correlation_id, event_id as causation_id, traceparent,
            coalesce(payload, (convert_from(body, 'UTF8')::json -> 'data')::text) as payload, null as destination
          from webhook_events e
          where disposition = 'publish' and (e.xid, e.seq) > ($1::xid8, $2::bigint) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
          order by e.xid, e.seq limit $3::int`,
  }
}
