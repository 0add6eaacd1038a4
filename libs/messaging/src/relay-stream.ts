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
  /** The table, known as `e` to the SQL below. */
  table: string
  /** SQL of the condition that a row of the table is the relay's to send; the index on (xid, seq) may have it too. */
  only?: string
  /** SQL that is joined to the table, if any; it adds no rows. */
  join?: string
  /**
   * SQL of the columns message_id, subject, type, time (timestamptz), correlation_id, causation_id, traceparent,
   * payload (text), destination (a queue of our own, or null for everyone); replay_id where it is published again.
   */
  columns: string
}>

export type StreamSql = Readonly<{
  /** Rows after the cursor `$1::xid8`, `$2::bigint`, at most `$3::int`, in order; with `xid_text` and `seq_text`. */
  batch: string
  /** The places alone, for the same bindings: nothing of what a row holds is read. */
  places: string
  /** The one row at `$1::xid8`, `$2::bigint`. */
  row: string
}>

/** The relay's statements. A row that a transaction still open might precede is left for later. */
export function streamSql({ table, only, join = '', columns }: RelayStream): StreamSql {
  const place = 'e.xid::text as xid_text, e.seq::text as seq_text'
  const isOurs = only === undefined ? '' : `${only} and`
  const after = `where ${isOurs} (e.xid, e.seq) > ($1::xid8, $2::bigint) and e.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.xid, e.seq limit $3::int`
  return {
    batch: `select ${place}, ${columns} from ${table} e ${join} ${after}`,
    places: `select ${place} from ${table} e ${after}`,
    row: `select ${place}, ${columns} from ${table} e ${join} where ${isOurs} e.xid = $1::xid8 and e.seq = $2::bigint`,
  }
}
