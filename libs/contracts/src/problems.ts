/** Every public error code: its HTTP status and title. Each has a page, docs/errors/<code>.md. */
export const problems = {
  payload_invalid: { status: 422, title: 'The payload is not valid' },
  payload_too_large: { status: 413, title: 'The payload is too large' },
  content_type_unsupported: { status: 415, title: 'The content type is not supported' },
  request_malformed: { status: 400, title: 'The request is malformed' },
  signature_missing: { status: 401, title: 'A signature header is missing' },
  signature_malformed: { status: 401, title: 'A signature header is malformed' },
  signature_mismatch: { status: 401, title: 'The signature does not match' },
  timestamp_outside_tolerance: { status: 401, title: 'The timestamp is outside the tolerance' },
  idempotency_conflict: { status: 409, title: 'The same key came with another body' },
  idempotency_key_missing: { status: 422, title: 'An Idempotency-Key header is needed' },
  adapter_not_configured: { status: 404, title: 'The adapter has no secret' },
  cause_not_known: { status: 409, title: 'What it refers to is not known yet' },
  rate_limited: { status: 429, title: 'Too many requests' },
  temporarily_unavailable: { status: 503, title: 'Temporarily unavailable' },
  token_missing: { status: 401, title: 'A bearer token is needed' },
  token_invalid: { status: 401, title: 'The bearer token is not valid' },
  scope_required: { status: 403, title: 'The token lacks a scope' },
  plan_required: { status: 403, title: 'The plan does not have this' },
  config_version_conflict: { status: 409, title: 'The configuration has changed meanwhile' },
  person_required: { status: 403, title: 'Only a person may do this' },
  client_invalid: { status: 401, title: 'The client is unknown or its secret is wrong' },
  scope_invalid: { status: 400, title: 'The client may not have this scope' },
  grant_unsupported: { status: 400, title: 'Only the client credentials grant is supported' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'The method is not allowed' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  code_taken: { status: 409, title: 'The referral code is taken' },
  user_conflict: { status: 409, title: 'The user exists with other details' },
  referral_conflict: { status: 409, title: 'The referral cannot be made or changed like that' },
  user_erased: { status: 410, title: "The person's data was removed" },
  rule_state_conflict: { status: 409, title: 'The rule is not in a state that allows this' },
  reward_state_conflict: { status: 409, title: 'The reward is not in a state that allows this' },
  parked_message_settled: { status: 409, title: 'The parked message was replayed or discarded already' },
  transfer_not_sealed: { status: 409, title: 'No signed checkpoint covers the transfer yet' },
  as_of_in_the_future: { status: 422, title: 'The instant asked for lies in the future' },
  anchor_unusable: { status: 409, title: 'The anchor cannot be continued' },
  settlement_closed: { status: 409, title: 'The settlement line was matched or dismissed already' },
  settlement_differs: { status: 409, title: 'The settlement line does not fit the cashout' },
  adjustment_state_conflict: { status: 409, title: 'The adjustment was decided already' },
  another_person_required: { status: 403, title: 'Another person has to do this' },
  as_of_before_retention: { status: 410, title: 'What was recorded then is no longer kept here' },
  replay_refused: { status: 409, title: 'The event cannot be replayed like this' },
  internal_error: { status: 500, title: 'An error on our side' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/** Where the page of a code is; the `type` of problem+json. */
export function problemType(code: ProblemCode): string {
  return `https://github.com/tributary-rewards/tributary/blob/main/docs/errors/${code}.md`
}
