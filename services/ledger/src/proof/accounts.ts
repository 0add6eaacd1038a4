import { type AccountRule, accountRules } from './chart.ts'
import type { AccountRow } from './rows.ts'

/** What is remembered of each account, in about 50 bytes: millions fit, where objects would not. */
export type Accounts = Readonly<{
  count(): number
  /** Ids count up from 1: the row is the next account. */
  add(row: AccountRow): void
  find(id: string): Account | null
  moved(id: number, version: bigint, balance: bigint): void
}>

export type Account = Readonly<{
  id: number
  kind: string
  rule: AccountRule | null
  currency: string
  version: bigint
  balance: bigint
  /** Whose it is, as 32 hex digits; empty where it is no user's. */
  user: string
}>

export function newAccounts(): Accounts {
  let [count, room] = [0, 1_024]
  let versions = new BigInt64Array(room)
  let balances = new BigInt64Array(room)
  let names = new Uint16Array(room)
  let users = Buffer.alloc(room * 16)
  // There are a few kinds in a few currencies, however many accounts.
  const seen: { kind: string; currency: string }[] = []
  const seenAt = new Map<string, number>()

  function grow(): void {
    room *= 2
    versions = copied(new BigInt64Array(room), versions)
    balances = copied(new BigInt64Array(room), balances)
    names = copied(new Uint16Array(room), names)
    users = copied(Buffer.alloc(room * 16), users)
  }

  return {
    count: () => count,
    add({ kind, currency, userId }) {
      if (count === room) grow()
      const key = `${kind}|${currency}`
      if (!seenAt.has(key)) seenAt.set(key, seen.push({ kind, currency }) - 1)
      names[count] = seenAt.get(key)!
      if (userId !== null) users.write(userId.replaceAll('-', ''), count * 16, 'hex')
      count++
    },
    find(id) {
      const at = Number(id) - 1
      if (!Number.isSafeInteger(at) || at < 0 || at >= count) return null
      const { kind, currency } = seen[names[at]!]!
      const user = users.toString('hex', at * 16, at * 16 + 16)
      const rule = Object.hasOwn(accountRules, kind) ? accountRules[kind]! : null
      return { id: at + 1, kind, rule, currency, user, version: versions[at]!, balance: balances[at]! }
    },
    moved(id, version, balance) {
      versions[id - 1] = version
      balances[id - 1] = balance
    },
  }
}

function copied<T extends BigInt64Array | Uint16Array | Buffer>(to: T, from: T): T {
  to.set(from as never)
  return to
}
