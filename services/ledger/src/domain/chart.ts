/**
 * The chart of accounts: every account is one of these kinds, of one owner, in one currency.
 *
 *   program:expense      what a user has earned in total; kept for each user, so that nobody's transfers meet on one account
 *   program:adjustments  what people have given a user beyond that, less what they took; kept for each user, too
 *   program:fees         what providers charged
 *   program:cash         the program's own money
 *   provider:clearing    paid out by a provider, not yet settled with it
 *   user:pending         earned, waits out its holding period
 *   user:available       the user's to cash out
 *   user:held            set aside while somebody looks at it
 *   user:in_payout       on its way to the user
 *   user:owed            paid out or netted before it was taken back; whatever becomes available pays it first
 *
 * Movements (debit -> credit); the database permits these and no others (permitted_movements):
 *
 *   earn     program:expense -> user:pending
 *   release  user:pending -> user:available
 *   hold     user:pending, then user:available -> user:held
 *   resume   user:held -> user:pending, then user:available
 *   reverse  user:pending, then user:held, then user:available, then user:owed -> program:expense
 *   net      user:available -> user:owed, after every credit to user:available
 *   reserve  user:available -> user:in_payout
 *   settle   user:in_payout -> provider:clearing
 *   return   user:in_payout -> user:available
 *   bounce   provider:clearing -> user:available
 *   fee      program:fees -> provider:clearing
 *   clear    provider:clearing -> program:cash, or back
 *   adjust   program:adjustments -> user:available, or back
 */
export const accountKinds = [
  'program:expense',
  'program:adjustments',
  'program:fees',
  'program:cash',
  'provider:clearing',
  'user:pending',
  'user:available',
  'user:held',
  'user:in_payout',
  'user:owed',
] as const
export type AccountKind = (typeof accountKinds)[number]

/** Whose an account of a kind is: each user has one, each provider has one, or the program has it alone. */
export const ownerOf = {
  'program:expense': 'user',
  'program:adjustments': 'user',
  'program:fees': 'program',
  'program:cash': 'program',
  'provider:clearing': 'provider',
  'user:pending': 'user',
  'user:available': 'user',
  'user:held': 'user',
  'user:in_payout': 'user',
  'user:owed': 'user',
} as const satisfies Record<AccountKind, 'user' | 'provider' | 'program'>

export const transferKinds = [
  'earn',
  'release',
  'hold',
  'resume',
  'reverse',
  'net',
  'reserve',
  'settle',
  'return',
  'bounce',
  'fee',
  'clear',
  'adjust',
] as const
export type TransferKind = (typeof transferKinds)[number]

/** One movement of money between two accounts in one currency. `amount` is above zero. */
export type Movement = Readonly<{ kind: TransferKind; debit: AccountKind; credit: AccountKind; amount: bigint }>
