/**
 * The accounting that a proof is checked against. Not shared with what posts: a verifier that took its rules from the poster,
 * or from the database, would share their faults. A test holds all three equal.
 */
export type AccountRule = Readonly<{
  /** 1n where credits raise the balance, -1n where debits do. */
  sign: 1n | -1n
  /** Never below zero. */
  guarded: boolean
  owner: 'program' | 'provider' | 'user'
}>

export const accountRules: Readonly<Record<string, AccountRule>> = {
  'program:expense': { sign: -1n, guarded: true, owner: 'user' },
  'program:adjustments': { sign: -1n, guarded: false, owner: 'user' },
  'program:fees': { sign: -1n, guarded: false, owner: 'program' },
  'program:cash': { sign: -1n, guarded: false, owner: 'program' },
  'provider:clearing': { sign: 1n, guarded: false, owner: 'provider' },
  'user:pending': { sign: 1n, guarded: true, owner: 'user' },
  'user:available': { sign: 1n, guarded: true, owner: 'user' },
  'user:held': { sign: 1n, guarded: true, owner: 'user' },
  'user:in_payout': { sign: 1n, guarded: true, owner: 'user' },
  'user:owed': { sign: -1n, guarded: true, owner: 'user' },
}

/** Each transfer there may be: its kind, the account it debits, the account it credits. */
const movements: readonly (readonly [kind: string, debit: string, credit: string])[] = [
  ['earn', 'program:expense', 'user:pending'],
  ['release', 'user:pending', 'user:available'],
  ['hold', 'user:pending', 'user:held'],
  ['hold', 'user:available', 'user:held'],
  ['resume', 'user:held', 'user:pending'],
  ['resume', 'user:held', 'user:available'],
  ['reverse', 'user:pending', 'program:expense'],
  ['reverse', 'user:held', 'program:expense'],
  ['reverse', 'user:available', 'program:expense'],
  ['reverse', 'user:owed', 'program:expense'],
  ['net', 'user:available', 'user:owed'],
  ['reserve', 'user:available', 'user:in_payout'],
  ['settle', 'user:in_payout', 'provider:clearing'],
  ['return', 'user:in_payout', 'user:available'],
  ['bounce', 'provider:clearing', 'user:available'],
  ['fee', 'program:fees', 'provider:clearing'],
  ['clear', 'provider:clearing', 'program:cash'],
  ['clear', 'program:cash', 'provider:clearing'],
  ['adjust', 'program:adjustments', 'user:available'],
  ['adjust', 'user:available', 'program:adjustments'],
]

const permitted = new Set(movements.map((movement) => movement.join('|')))

/** Whether money may move so. Between two accounts that users own, it stays with the same user. */
export function isPermitted(kind: string, debit: string, credit: string): boolean {
  return permitted.has([kind, debit, credit].join('|'))
}

/** All of them, as text, for the test that compares. */
export const permittedMovements: readonly string[] = [...permitted].sort()
