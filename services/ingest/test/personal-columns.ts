/** What a column can say of a person; the words are column names. */
type Columns = Readonly<{
  /** Says or may say who somebody is: an erasure empties it. */
  personal?: string
  /** May say it for some days, and is dropped whole then. */
  untilDropped?: string
  /** Written by staff, who name customers by id. */
  staff?: string
  /** Ids of ours and of senders' webhooks, times, states: nobody is found by them without the rest. */
  nobody?: string
}>

/** Every column of this database. Who adds one decides here what an erasure does to it. */
export const columnsByTable: Readonly<Record<string, Columns>> = {
  adapter_secrets: { nobody: 'name secret since previous_secret previous_secret_ends_at updated_by' },
  command_keys: { nobody: 'principal key fingerprint status body headers created_at' },
  digests_of_dropped_days: { nobody: 'day source count sha256' },
  dropped_days: { nobody: 'day events archive archive_sha256 dropped_at' },
  effects: { nobody: 'event_id subject kind id seq service outcome reason at' },
  erasures: {
    personal: 'external_user_id invoice_ids',
    nobody: 'user_id asked_at up_to after pass erased done_at',
  },
  event_statuses: { nobody: 'event_id status revision' },
  heard_configs: { nobody: 'id version plan config heard_at' },
  idempotency_keys: { nobody: 'source webhook_id body_sha256 event_id' },
  inbox: { nobody: 'message_id' },
  intake_processes: { nobody: 'id seen_at' },
  journal_replays: { nobody: 'message_id event_id replay_id xid seq recorded_at' },
  outbox: {
    untilDropped: 'payload',
    nobody:
      'xid seq recorded_on recorded_at message_id subject type time correlation_id causation_id traceparent destination',
  },
  parked_messages: {
    // Only those of erasures name anybody; what others tell names ids of ours.
    personal: 'payload',
    staff: 'settled_why',
    nobody:
      'id message_id subject type source time correlation_id causation_id traceparent reason attempts parked_at status settled_at settled_by',
  },
  // Payments and the invoices they are about.
  provider_references: { nobody: 'source name means' },
  quota_leases: { nobody: 'process month units expires_at' },
  quota_notices: { nobody: 'month quota percent at' },
  relay_checkpoints: { nobody: 'stream xid seq system_identifier updated_at' },
  replays: {
    staff: 'reason',
    nobody:
      'id requested_at requested_by kind event_id forced_event_id from_id to_id type source status events_per_second state last_event_id next_step_at replayed left_out ended_at cancelled_by',
  },
  system_configs: {
    nobody:
      'id version plan webhook_secret webhook_secret_since previous_webhook_secret previous_webhook_secret_ends_at updated_at updated_by enterprise_events_per_month',
  },
  usage_counts: { nobody: 'month used deferred released' },
  usage_months: { nobody: 'month used deferred released' },
  webhook_events: {
    personal: 'body headers payload',
    nobody:
      'event_id xid seq recorded_at received_at time source webhook_id type traceparent disposition reason erased_at',
  },
  // Kept for 30 days at most; where the payload was wrong, detail says in which field.
  webhook_rejections: { untilDropped: 'detail', nobody: 'id at reason source webhook_id body_sha256 body_bytes' },
}
