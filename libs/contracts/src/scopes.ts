/** Every scope a token can carry, with what it lets its bearer do. */
export const scopes = {
  'webhooks:read': 'see events, their effects and rejections',
  'webhooks:export': 'take the journal out, bodies and all',
  'webhooks:write': 'replay events',
  'config:read': 'see the configuration',
  'config:write': 'change the configuration and rotate the webhook secret',
  'users:read': 'see users, codes and referrals',
  'users:write': 'create users, codes and referrals',
  'users:erase': "remove a person's data for good",
  'rules:read': 'see rules',
  'rules:write': 'create, activate and retire rules',
  'rewards:read': 'see rewards and decisions',
  'rewards:write': 'reverse, hold and resume rewards',
  'ledger:read': 'see balances, transfers and the trial balance',
  'ledger:verify': 'run a verification of the books, and sign a checkpoint',
  'ledger:export': 'take all books out, for an auditor',
  'settlements:read': 'see what providers settled and what is unmatched',
  'settlements:write': "hand in providers' settlement lines",
  'adjustments:read': 'see adjustments',
  'adjustments:write': 'ask for adjustments, and decide on those of others',
  'screenings:read': 'see screenings',
  'dead-letters:read': 'see parked messages',
  'dead-letters:write': 'replay and discard parked messages',
} as const satisfies Record<string, string>

export type Scope = keyof typeof scopes
export const allScopes = Object.keys(scopes) as readonly Scope[]
