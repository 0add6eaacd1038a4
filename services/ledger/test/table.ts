import { accountKey, type Books, post } from '../src/domain/books.ts'
import type { AccountKind } from '../src/domain/chart.ts'
import type { RewardRequest } from '../src/domain/posting.ts'

/** Books that nothing was ever posted to. */
export function emptyBooks(): Books {
  return {
    causes: new Map(),
    conflicts: new Set(),
    positions: new Map(),
    accounts: new Map(),
    lastAccount: { id: 0n },
  }
}

/**
 * Plays a table of requests, line by line, and answers the same table with what really happened, for tests to compare.
 *
 *   earn R1 ann 100 posted                       request, reward, user, amount [currency], status
 *   release R1 ann 100 as C1 posted              `as` names the cause, to bring one again
 *   spend ann 30                                 money leaves the available balance, as a cashout would take it
 *   balance ann pending 0 available 70 owed 0 earned 100
 */
export function play(table: string): string {
  const books = emptyBooks()
  const lines = table
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .filter((line) => line !== '')
  return lines.map((line, index) => playLine(books, line, index)).join('\n')
}

/** A table as `play` answers it. */
export function tidy(table: string): string {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/ +/g, ' '))
    .filter((line) => line !== '')
    .join('\n')
}

function playLine(books: Books, line: string, index: number): string {
  const words = line.split(' ')
  if (words[0] === 'balance') return balanceLine(books, words[1]!, words.slice(2))
  if (words[0] === 'spend') {
    const key = accountKey(words[1]!, 'USD', 'user:available')
    const account = books.accounts.get(key)!
    books.accounts.set(key, { ...account, debits: account.debits + BigInt(words[2]!) })
    return line
  }
  const asked = words.slice(0, -1)
  return [...asked, post(books, readRequest(asked, index)).status].join(' ')
}

function readRequest(words: readonly string[], index: number): RewardRequest {
  const as = words.indexOf('as')
  const [kind, rewardId, userId, amount, currency = 'USD'] = as < 0 ? words : words.slice(0, as)
  return {
    kind: kind as RewardRequest['kind'],
    causeId: as < 0 ? `line ${index}` : words[as + 1]!,
    fingerprint: [kind, rewardId, userId, amount, currency].join('/'),
    rewardId: rewardId!,
    userId: userId!,
    amount: BigInt(amount!),
    currency: currency as RewardRequest['currency'],
  }
}

const kindOf: Readonly<Record<string, AccountKind>> = {
  pending: 'user:pending',
  available: 'user:available',
  owed: 'user:owed',
  earned: 'program:expense',
}

function balanceLine(books: Books, userId: string, words: readonly string[]): string {
  const shown = words.filter((_, index) => index % 2 === 0).map((name) => `${name} ${balanceOf(books, userId, name)}`)
  return ['balance', userId, ...shown].join(' ')
}

/** A user's balance in USD, on its normal side. */
export function balanceOf(books: Books, userId: string, name: string): bigint {
  const account = books.accounts.get(accountKey(userId, 'USD', kindOf[name]!))
  if (account === undefined) return 0n
  const isDebit = name === 'owed' || name === 'earned'
  return isDebit ? account.debits - account.credits : account.credits - account.debits
}
