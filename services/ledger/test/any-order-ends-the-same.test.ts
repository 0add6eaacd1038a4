import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { findBalances } from '../src/store/balances.ts'
import { verifyBooks } from '../src/store/verify-books.ts'
import { expectedBalances, type HistoryRequest, histories } from './histories.ts'
import { type Ledger, openLedger, requestKinds } from './rig.ts'

/** Ids of its own for each run, so that all runs share one ledger, which has to stay sound throughout. */
function renewed(requests: readonly HistoryRequest[]) {
  const ids = new Map<string, string>()
  const renew = (id: string) => ids.get(id) ?? ids.set(id, v7()).get(id)!
  const list = requests.map((one) => ({
    ...one,
    causeId: renew(one.causeId),
    rewardId: renew(one.rewardId),
    userId: renew(one.userId),
  }))
  return { list, renew }
}

/** Posts in batches of this size; what comes too early comes again. */
async function arrive(ledger: Ledger, requests: readonly HistoryRequest[], size: number): Promise<void> {
  for (let waiting = [...requests]; waiting.length > 0; ) {
    const early: HistoryRequest[] = []
    for (let start = 0; start < waiting.length; start += size) {
      const batch = waiting.slice(start, start + size)
      const ordered = requestKinds.flatMap((kind) => batch.filter((one) => one.kind === kind))
      const outcomes = await ledger.post(...ordered)
      early.push(...ordered.filter((_, index) => outcomes[index]?.kind === 'not_yet'))
    }
    if (early.length === waiting.length) throw new Error('nothing moves any more')
    waiting = early
  }
}

test('the same events in any order and any batches, some twice, end in the same balances in PostgreSQL', async () => {
  const ledger = await openLedger()
  await fc.assert(
    fc.asyncProperty(histories, fc.integer({ min: 1, max: 20 }), async ({ requests, users }, size) => {
      const { list, renew } = renewed(requests)
      await arrive(ledger, list, size)
      const expected = expectedBalances(requests)
      for (const user of users) {
        const [found] = await findBalances(ledger.db, { userId: renew(user), currency: 'USD' })
        const { pending = 0n, available = 0n, held = 0n, owed = 0n, totalEarned: earned = 0n } = found ?? {}
        expect({ pending, available, held, owed, earned }).toEqual(expected(user))
      }
    }),
    { numRuns: 60 },
  )
  const report = await verifyBooks(ledger.db)
  expect(report.checks.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(report.coverage.transfers).toBeGreaterThan(100)
})

test('what is owed is the same whether the spent reward or the next one is taken back first', async () => {
  const ends = []
  for (const order of [
    ['reverse', 'release'],
    ['release', 'reverse'],
  ] as const) {
    const ledger = await openLedger()
    const spent = { causeId: v7(), rewardId: v7(), userId: v7(), amount: 100n }
    const next = { ...spent, causeId: v7(), rewardId: v7(), amount: 50n }
    await ledger.post(
      { ...spent, kind: 'earn' },
      { ...next, kind: 'earn' },
      { ...spent, kind: 'release', causeId: v7() },
    )
    await ledger.post({ ...spent, kind: 'reserve', causeId: v7(), rewardId: v7(), amount: 80n })
    const late = {
      reverse: { ...spent, kind: 'reverse', causeId: v7() },
      release: { ...next, kind: 'release', causeId: v7() },
    } as const
    for (const kind of order) expect(await ledger.post(late[kind])).toEqual([{ kind: 'done' }])
    ends.push(await findBalances(ledger.db, { userId: spent.userId, currency: 'USD' }))
  }
  expect(ends[0]).toEqual(ends[1])
  expect(ends[0]).toMatchObject([{ available: 0n, owed: 30n, pending: 0n, totalEarned: 50n }])
})
