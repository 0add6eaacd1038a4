/** A place in a stream: the transaction that wrote a row, and the row's number. Text, since both exceed a double. */
export type Cursor = Readonly<{ xid: string; seq: string }>

/**
 * A source of messages for the relay: the outbox, or ingest's journal. Its table is append-only, has columns
 * `xid xid8 default pg_current_xact_id()`, `seq bigint` and `recorded_at timestamptz`, and an index on (xid, seq) in
 * every partition.
 */
export type RelayStream = Readonly<{
  /** Names the checkpoint; `outbox` is taken. */
  name: string
  /** The table, for measuring the backlog. */
  table: string
  /** SQL of the condition that a row of the table is the relay's to send; the index on (xid, seq) may have it too. */
  only?: string
  /**
   * SQL that answers rows after the cursor with the columns
   *   xid_text, seq_text (both ::text), message_id, subject, type, time (timestamptz), correlation_id, causation_id,
   *   traceparent, payload (text), destination (a queue of our own, or null for everyone)
   * for the bindings `$1::xid8` (xid), `$2::bigint` (seq) and `$3::int` (limit), in the order of (xid, seq), guarded by
   * `xid < pg_snapshot_xmin(pg_current_snapshot())`.
   */
  sql: string
}>
