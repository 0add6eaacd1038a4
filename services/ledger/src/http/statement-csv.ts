import type { Database } from '@tributary/database'
import type { Cell } from '@tributary/service-kit'
import { type AccountPeriod, findNextEntries, type Period, type StatementLine } from '../store/entries.ts'

const columns = [
  'line',
  'currency',
  'account',
  'version',
  'postedAt',
  'effectiveAt',
  'kind',
  'side',
  'amount',
  'balance',
  'transferId',
  'causeId',
  'rewardId',
  'cashoutId',
] as const

/** Lines read at a time: a page is fetched while nobody waits for a lock, and a slow caller holds no connection between two. */
const PAGE = 1_000

/** A statement as lines: for each account what it opened with, its entries, what it closed with. Amounts are minor units. */
export async function* statementLines(
  db: Database,
  accounts: readonly AccountPeriod[],
  period: Period,
): AsyncGenerator<readonly Cell[]> {
  yield columns
  for (const account of accounts) {
    const { currency, account: name, opening, closing, openingVersion, closingVersion } = account
    yield ['opening', currency, name, openingVersion, period.from, ...blanks(4), opening, ...blanks(4)]
    let last = openingVersion
    while (last < closingVersion) {
      const page = await findNextEntries(db, account, period, last, PAGE)
      for (const line of page) yield toCells(line)
      last = page.at(-1)?.version ?? closingVersion
    }
    yield ['closing', currency, name, closingVersion, period.to, ...blanks(4), closing, ...blanks(4)]
  }
}

const blanks = (count: number): null[] => Array.from({ length: count }, () => null)

function toCells(line: StatementLine): readonly Cell[] {
  const { currency, account, version, postedAt, effectiveAt, kind, side, amount, balanceAfter } = line
  const ids = [line.transferId, line.causeId, line.rewardId, line.cashoutId]
  return ['entry', currency, account, version, postedAt, effectiveAt, kind, side, amount, balanceAfter, ...ids]
}
