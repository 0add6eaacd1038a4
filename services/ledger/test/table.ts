import { accountKey, type Books, post } from '../src/domain/books.ts'
import type { AccountKind } from '../src/domain/chart.ts'
import { contentLine, contentOf, type Request } from '../src/domain/request.ts'

/** Books that nothing was ever posted to. */
export function emptyBooks(): Books {
  return {
    causes: new Map(),
    conflicts: new Set(),
    rewards: new Map(),
    cashouts: new Map(),
    refusedCashouts: new Set(),
    accounts: new Map(),
    lastAccount: { id: 0n },
  }
}

/**
 * Plays a table of requests, line by line, and answers the same table with what really happened, for tests to compare.
 *
 *   earn R1 ann 100 posted                       request, reward, user, amount [currency], status
 *   hold R1 ann 100 #1 posted                    holds and resumptions have a sequence
 *   release R1 ann 100 as C1 posted              `as` names the cause, to bring one again
 *   settle K1 ann 30 by acme posted              cashouts have a provider; acme where none is named
 *   credit ann 30 posted, debit ann 30 posted    adjustments
 *   balance ann pending 0 available 70 owed 0 earned 100
 *   program clearing -30 cash 0                  the provider acme's and the program's accounts
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
  if (words[0] === 'program') return ['program', ...shown(books, null, words.slice(1))].join(' ')
  const asked = words.slice(0, -1)
  const request = readRequest(asked, index)
  return [...asked, post(books, { ...request, fingerprint: contentLine(contentOf(request)) }).status].join(' ')
}

function readRequest(words: readonly string[], index: number): Request {
  const named = (word: string) => {
    const at = words.indexOf(word)
    return at < 0 ? undefined : words[at + 1]
  }
  const causeId = named('as') ?? `line ${index}`
  const provider = named('by') ?? 'acme'
  const sequence = Number(words.find((word) => word.startsWith('#'))?.slice(1) ?? 1)
  const currency = (words.find((word) => /^[A-Z]{3}$/.test(word)) ?? 'USD') as Request['currency']
  const numbers = words.filter((word) => /^\d+$/.test(word))
  const asked = { causeId, amount: BigInt(numbers[0]!), currency }
  const [kind, subject, userId] = words as [string, string, string]
  switch (kind) {
    case 'credit':
    case 'debit':
      return { ...asked, kind: 'adjust', userId: subject, direction: kind }
    case 'clear':
      return { ...asked, kind, provider, cashoutId: subject, direction: words.includes('back') ? 'back' : 'out' }
    case 'fee':
      return { ...asked, kind, provider }
    case 'hold':
    case 'resume':
      return { ...asked, kind, rewardId: subject, userId, sequence }
    case 'reserve':
    case 'settle':
    case 'return':
    case 'bounce':
      return { ...asked, kind, cashoutId: subject, userId, provider }
    default:
      return { ...asked, kind: kind as 'earn' | 'release' | 'reverse', rewardId: subject, userId }
  }
}

const kindOf: Readonly<Record<string, AccountKind>> = {
  pending: 'user:pending',
  available: 'user:available',
  held: 'user:held',
  payout: 'user:in_payout',
  owed: 'user:owed',
  earned: 'program:expense',
  adjusted: 'program:adjustments',
  clearing: 'provider:clearing',
  fees: 'program:fees',
  cash: 'program:cash',
}
const debitNormal = ['owed', 'earned', 'adjusted', 'fees', 'cash']

function balanceLine(books: Books, userId: string, words: readonly string[]): string {
  return ['balance', userId, ...shown(books, userId, words)].join(' ')
}

function shown(books: Books, userId: string | null, words: readonly string[]): string[] {
  const names = words.filter((_, index) => index % 2 === 0)
  return names.map((name) => `${name} ${balanceOf(books, userId, name)}`)
}

/** A balance in USD, on its normal side: of a user, or of the provider acme and the program. */
export function balanceOf(books: Books, userId: string | null, name: string): bigint {
  const owner = name === 'clearing' ? 'acme' : userId
  const account = books.accounts.get(accountKey(owner, 'USD', kindOf[name]!))
  if (account === undefined) return 0n
  const raised = account.credits - account.debits
  return debitNormal.includes(name) ? -raised : raised
}
