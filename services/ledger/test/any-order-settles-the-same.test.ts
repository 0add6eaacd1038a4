import { type Database, query } from '@tributary/database'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import {
  type Action,
  type Claim,
  describe,
  type Ending,
  expectedEnding,
  histories,
  type Story,
  stepsTo,
} from './claims.ts'
import { openLedger } from './rig.ts'
import { balanceOf, type Cashout, type Line, matchWaiting, newCashout, receive, tell } from './settling.ts'

/** A provider of its own for each run, so that all runs share one ledger. */
function newRun(stories: readonly Story[], claims: readonly Claim[]) {
  const provider = `p${v7().replaceAll('-', '').slice(-24)}`
  const cashouts = stories.map(({ isNamed }, index) =>
    newCashout({ provider, ...(isNamed ? { reference: `name ${index}` } : {}) }),
  )
  const lines = claims.map((claim, index): Line => {
    const { cashoutId } = cashouts[claim.of]!
    const reference = claim.byName ? `name ${claim.of}` : cashoutId
    const fee = claim.type === 'fee' ? 0n : stories[claim.of]!.fee
    return { lineId: `L${index}`, type: claim.type, reference, amount: claim.amount, fee }
  })
  return { provider, cashouts, lines, stories, claims }
}
type Run = ReturnType<typeof newRun>

async function act(db: Database, run: Run, action: Action, stepsTaken: number[]): Promise<void> {
  if (action.kind === 'match') return matchWaiting(db)
  if (action.kind === 'step') {
    const taken = stepsTaken[action.of]!
    stepsTaken[action.of] = taken + 1
    return tell(db, run.cashouts[action.of]! satisfies Cashout, stepsTo[run.stories[action.of]!.fate][taken]!)
  }
  const lines = action.claims.map((index) => run.lines[index]!)
  const cut = action.kind === 'cut file' ? new Error('the process was killed before the commit') : null
  const received = receive(db, run.provider, lines, cut)
  if (cut === null) await received
  else await expect(received).rejects.toBe(cut)
}

async function endingOf(db: Database, run: Run, before: Pick<Ending, 'cash' | 'fees'>): Promise<Ending> {
  const unmatched = await query<{ line: string; reason: string }>(
    db,
    `select l.line_id as line, u.reason from unmatched_settlements u join settlement_lines l on l.id = u.line_id where u.provider = ?`,
    [run.provider],
  )
  const outstanding = await query<{ cashout: string; type: string }>(
    db,
    'select cashout_id as cashout, type from outstanding_settlements where provider = ?',
    [run.provider],
  )
  return {
    clearing: await balanceOf(db, 'provider:clearing', run.provider),
    cash: (await balanceOf(db, 'program:cash')) - before.cash,
    fees: (await balanceOf(db, 'program:fees')) - before.fees,
    unmatched: unmatched.map(({ line, reason }) => describe(run.claims[Number(line.slice(1))]!, reason)).sort(),
    outstanding: outstanding
      .map(({ cashout, type }) => `${type} ${run.cashouts.findIndex(({ cashoutId }) => cashoutId === cashout)}`)
      .sort(),
  }
}

test('files and payments in any order, repeated, split, or cut off, end in the same books and the same queues', async () => {
  const { db } = await openLedger()
  const reasons = new Set<string>()
  await fc.assert(
    fc.asyncProperty(histories, async ({ stories, claims, actions }) => {
      const run = newRun(stories, claims)
      const before = { cash: await balanceOf(db, 'program:cash'), fees: await balanceOf(db, 'program:fees') }
      const stepsTaken = stories.map(() => 0)
      for (const action of actions) await act(db, run, action, stepsTaken)
      await matchWaiting(db)
      const ending = await endingOf(db, run, before)
      expect(ending).toEqual(expectedEnding(stories, claims))
      for (const line of ending.unmatched) reasons.add(line.split(': ')[1]!)
    }),
    { numRuns: 60 },
  )
  // All that could be wrong was.
  expect(reasons.size).toBeGreaterThanOrEqual(6)
})
