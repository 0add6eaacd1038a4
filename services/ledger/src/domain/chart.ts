/**
 * The chart of accounts: every account is one of these kinds, of one owner, in one currency.
 *
 *   program:expense    what a user has earned in total; kept for each user, so that nobody's transfers meet on one account
 *   user:pending       earned, waits out its holding period
 *   user:available     the user's to cash out
 *   user:held          set aside while somebody looks at it
 *   user:in_payout     on its way to the user
 *   user:owed          paid out or netted before it was taken back; later releases pay it first
 *   provider:clearing  handed to a payment provider, not yet settled
 *   program:cash       the program's own money
 *
 * Movements (debit -> credit); the database permits these and no others (permitted_movements):
 *
 *   earn       program:expense -> user:pending
 *   release    user:pending    -> user:available
 *   net        user:available  -> user:owed
 *   reverse    user:pending, then user:available, then user:owed -> program:expense
 */
export const accountKinds = [
  'program:expense',
  'program:cash',
  'provider:clearing',
  'user:pending',
  'user:available',
  'user:held',
  'user:in_payout',
  'user:owed',
] as const
export type AccountKind = (typeof accountKinds)[number]

export const transferKinds = ['earn', 'release', 'reverse', 'net'] as const
export type TransferKind = (typeof transferKinds)[number]

/** One movement of money between two accounts of one user in one currency. `amount` is above zero. */
export type Movement = Readonly<{ kind: TransferKind; debit: AccountKind; credit: AccountKind; amount: bigint }>
