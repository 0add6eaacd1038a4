import type { Database } from '@tributary/database'
import { type BacktestResult, type Given, newBacktest } from '../domain/backtest.ts'
import { intervalStart } from '../domain/calendar.ts'
import type { RuleVersion } from '../domain/rule.ts'
import { listGiven } from '../store/given.ts'
import { findOccasionRange, listOccasions } from '../store/occasions.ts'

export type Period = Readonly<{ from: Date; to: Date }>

/** Beyond it a backtest would take minutes and hundreds of megabytes. */
export const BACKTEST_EVENTS_MAX = 1_000_000
/** Few enough that deciding them takes some 10 ms, between which the process does other things. */
const PAGE = 500
/** Longer than a month: a cap that counts in the period may have been used by events that happened after it. */
const AFTER_MS = 32 * 86_400_000

export type Backtested =
  /** `unreadable`: how many entries of the history were left out, since they are damaged. */
  | Readonly<{ kind: 'done'; result: BacktestResult; unreadable: number }>
  | Readonly<{ kind: 'too_many'; events: number }>

/**
 * Asks the rules about every event of a type in a period, in the order in which rules were asked then. Where caps reach
 * back before the period, it starts with what used them up. Reads page by page, and stops nobody.
 */
export async function backtest(
  db: Database,
  type: string,
  rules: readonly RuleVersion[],
  { from, to }: Period,
): Promise<Backtested> {
  const test = newBacktest(rules, { fromMs: from.getTime(), toMs: to.getTime() })
  const inPeriod = await findOccasionRange(db, { from, to })
  if (inPeriod === null) return { kind: 'done', result: test.result(), unreadable: 0 }
  const until = new Date(to.getTime() + AFTER_MS)
  const first = (await findOccasionRange(db, { from: warmUpFrom(rules, from), to: until }))?.first ?? inPeriod.first
  const events = Number(inPeriod.last - first) + 1
  if (events > BACKTEST_EVENTS_MAX) return { kind: 'too_many', events }

  let after = first - 1n
  let unreadable = 0
  for (;;) {
    const page = await listOccasions(db, { after, upTo: inPeriod.last, max: PAGE })
    const last = page.at(-1)
    if (last === undefined) return { kind: 'done', result: test.result(), unreadable }
    after = last.seq
    const asked = page.filter((one) => one.kind === 'asked' && one.occasion.type === type)
    const given = await listGiven(
      db,
      asked.flatMap((one) => (one.kind === 'asked' ? [one.cause] : [])),
    )
    for (const one of page) {
      if (one.kind === 'returned') test.giveBack(one.returned)
      else if (one.kind === 'unreadable') unreadable += one.type === type || one.type === '' ? 1 : 0
      else if (one.occasion.type === type) test.ask({ ...one, actual: given.get(one.cause) ?? noRewards })
    }
  }
}

const noRewards: readonly Given[] = []

/** The earliest event that can have used up a cap of the period. */
function warmUpFrom(rules: readonly RuleVersion[], from: Date): Date {
  const starts = rules.flatMap(({ terms: { caps, timeZone } }) =>
    caps.map(({ interval }) => intervalStart(interval, from.getTime(), timeZone)),
  )
  return new Date(Math.min(from.getTime(), ...starts))
}
