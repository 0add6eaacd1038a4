/** What a column can say of a person; the words are column names. */
type Columns = Readonly<{
  /** Says or may say who somebody is: an erasure empties, replaces or deletes it. */
  personal?: string
  /** May say it for some days, and is dropped whole then. */
  untilDropped?: string
  /** Written by staff, who name customers by id. */
  staff?: string
  /** Ids of ours and of the business, amounts, times, states: nobody is found by them without the rest. */
  nobody?: string
}>

/** Every column of this database. Who adds one decides here what an erasure does to it. */
export const columnsByTable: Readonly<Record<string, Columns>> = {
  attribution_settings: {
    staff: 'reason',
    nobody: 'version model touch_days payment_days active_from done_by done_at',
  },
  cap_counters: {
    nobody: 'rule_id per every subject period_start used_amount used_count cap_amount cap_count',
  },
  command_keys: {
    personal: 'body',
    nobody: 'principal key fingerprint status headers created_at',
  },
  decisions: {
    personal: 'external_user_id trace',
    nobody: 'event_id revision id type outcome reason reward_ids happened_at recorded_at',
  },
  disputes: {
    nobody:
      'invoice_id dispute_id status amount currency event_id disputed_at recorded_at correlation_id revision waits',
  },
  facts: {
    personal: 'payload',
    nobody: 'event_id type about happened_at recorded_at',
  },
  heard_configs: {
    nobody: 'id version config plan heard_at',
  },
  inbox: {
    nobody: 'message_id',
  },
  invoices: {
    personal: 'external_user_id',
    nobody: 'invoice_id subscription_id amount currency period paid_at event_id waits seen_at',
  },
  occasions: {
    personal: 'cause seen',
    nobody: 'seq kind event_id type happened_at recorded_at',
  },
  outbox: {
    untilDropped: 'payload',
    nobody:
      'xid seq recorded_on recorded_at message_id subject type time correlation_id causation_id traceparent destination',
  },
  parked_messages: {
    personal: 'payload',
    staff: 'settled_why',
    nobody:
      'id message_id subject type source time correlation_id causation_id traceparent reason attempts parked_at status settled_at settled_by',
  },
  referees: {
    personal: 'external_user_id',
    nobody: 'user_id registered_at seen_at',
  },
  referral_codes: {
    personal: 'code skeleton',
    nobody: 'user_id created_at',
  },
  referrals: {
    personal: 'code',
    staff: 'note rejected_why',
    nobody:
      'id referrer_id referee_id state reason attributed_at converted_at recorded_at source done_by expired_at expires_at is_late settings_version rejected_at rejected_by',
  },
  referral_touches: {
    personal: 'code',
    nobody: 'event_id place referee_id owner_id touched_at outcome recorded_at',
  },
  refunds: {
    nobody: 'invoice_id refund_id amount currency event_id refunded_at recorded_at correlation_id revision waits',
  },
  relay_checkpoints: {
    nobody: 'stream xid seq system_identifier updated_at',
  },
  retired_codes: {
    nobody: 'digest',
  },
  reward_holds: {
    staff: 'note',
    nobody: 'reward_id id holder reference action reason done_by event_id transaction_id effective_at recorded_at',
  },
  reward_refusals: {
    nobody: 'transaction_id reward_id kind reason refused_at recorded_at',
  },
  reward_rules: {
    nobody: 'id created_at created_by retired_at retired_by',
  },
  reward_transactions: {
    staff: 'note',
    nobody: 'reward_id id kind amount reason event_id effective_at recorded_at done_by',
  },
  rewards: {
    personal: 'cause',
    nobody:
      'id rule_id rule_version beneficiary user_id referral_id event_id currency granted reversed due_at released_at screening screening_revision earned_at recorded_at rate_basis_points holds hold_sequence refusal',
  },
  rule_changes: {
    staff: 'reason',
    nobody: 'id rule_id version change from_at done_by done_at',
  },
  rule_trials: {
    nobody: 'rule_id version kind percent from_at to_at',
  },
  rule_versions: {
    staff: 'definition',
    nobody:
      'rule_id version event_type state created_at created_by active_from active_to activated_at activated_by counts',
  },
  tallies: {
    nobody: 'day id tallied_at lines',
  },
  users: {
    personal: 'external_id email name',
    nobody: 'id created_at erased_at erased_by',
  },
  waiting_events: {
    personal: 'external_user_id payload',
    nobody: 'event_id type happened_at correlation_id traceparent revision until',
  },
}
