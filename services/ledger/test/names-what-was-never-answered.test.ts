import { rewardTallied } from '@tributary/contracts'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { onRewardTallied } from '../src/messages/reward.tallied.ts'
import { everything } from '../src/store/checks/check.ts'
import { recentStandingChecks } from '../src/store/checks/standing.ts'
import { runChecks } from '../src/store/run-checks.ts'
import { verifyBooks } from '../src/store/verify-books.ts'
import { type Ledger, openLedger, request } from './rig.ts'

const check = 'every_reward_transaction_has_its_answer'

/** A request that rewards made at an instant. */
const at = (time: string, ...[kind, changes]: Parameters<typeof request>) =>
  request(kind, { causeId: v7({ msecs: Date.parse(time) }), ...changes })

type Line = Readonly<{ kind: string; currency: string; count: number; amount: number }>

/** Hears a tally at an instant. */
async function hear({ db }: Ledger, day: string, lines: readonly Line[], now: string, tallyId = v7()) {
  const data = rewardTallied.data.parse({ tallyId, day, lines })
  const envelope = { messageId: v7(), subject: tallyId, type: rewardTallied.type, source: 'rewards', time: now, data }
  return db.transaction((tx) =>
    onRewardTallied.handle(
      tx,
      [{ ...envelope, correlationId: tallyId, causationId: tallyId, traceparent: null }],
      () => {},
      { now: new Date(now), newId: () => v7() },
    ),
  )
}

/** What the check names at an instant. */
async function missing({ db }: Ledger, now: string): Promise<string | undefined> {
  const { checks } = await verifyBooks(db, { now, clearingMaxAgeDays: 7 })
  const found = checks.find(({ name }) => name === check)!
  expect(found.status).toBe(found.broken === 0 ? 'passed' : 'failed')
  return found.detail
}

test('a day whose transactions were all answered is sound, whatever the answers were', async () => {
  const ledger = await openLedger()
  const one = at('2026-05-01T00:00:00Z', 'earn')
  await ledger.post(one, at('2026-05-01T23:59:59.999Z', 'earn', { amount: 50n, currency: 'EUR' }))
  // Refused; nothing to do; and more asked for than there is.
  await ledger.post(at('2026-05-01T12:00:00Z', 'earn', { rewardId: one.rewardId, amount: 7n }))
  const { rewardId, userId } = one
  await ledger.post(at('2026-05-01T13:00:00Z', 'reverse', { rewardId, userId, amount: 300n }))
  await ledger.post(at('2026-05-01T14:00:00Z', 'release', { rewardId, userId }))
  const lines = [
    { kind: 'earned', currency: 'EUR', count: 1, amount: 50 },
    // In two parts, as a sum that is too large for one comes.
    { kind: 'earned', currency: 'USD', count: 1, amount: 100 },
    { kind: 'earned', currency: 'USD', count: 1, amount: 7 },
    { kind: 'released', currency: 'USD', count: 1, amount: 100 },
    { kind: 'reversed', currency: 'USD', count: 1, amount: 300 },
  ]
  await hear(ledger, '2026-05-01', lines, '2026-05-02T00:10:00Z')
  await hear(ledger, '2026-05-02', [], '2026-05-03T00:10:00Z')
  expect(await missing(ledger, '2026-05-03T12:00:00Z')).toBe('')
})

test('what was lost on the way is named: day, kind, currency, and what both sides say', async () => {
  const ledger = await openLedger()
  await ledger.post(at('2026-05-01T10:00:00Z', 'earn'), at('2026-05-01T11:00:00Z', 'earn', { amount: 30n }))
  await hear(ledger, '2026-05-01', [{ kind: 'earned', currency: 'USD', count: 3, amount: 170 }], '2026-05-02T00:10:00Z')
  // Until an hour has passed it may only be slow.
  expect(await missing(ledger, '2026-05-02T01:09:59Z')).toBe('')
  expect(await missing(ledger, '2026-05-02T01:10:00Z')).toBe('2026-05-01 earn USD: 3 of 170 asked, 2 of 130 answered')
  await ledger.post(at('2026-05-01T12:00:00Z', 'earn', { amount: 40n }))
  expect(await missing(ledger, '2026-05-02T01:10:00Z')).toBe('')
})

test('what was answered and never asked is named, and what was asked and never heard of', async () => {
  const ledger = await openLedger()
  await ledger.post(at('2026-05-01T10:00:00Z', 'earn', { currency: 'EUR' }))
  await hear(ledger, '2026-05-01', [{ kind: 'held', currency: 'USD', count: 1, amount: 9 }], '2026-05-02T00:10:00Z')
  expect(await missing(ledger, '2026-05-02T02:00:00Z')).toBe(
    '2026-05-01 earn EUR: 0 of 0 asked, 1 of 100 answered, 2026-05-01 hold USD: 1 of 9 asked, 0 of 0 answered',
  )
})

test('a day without a tally is named 26 hours after its end', async () => {
  const ledger = await openLedger()
  expect(await missing(ledger, '2027-01-01T00:00:00Z')).toBe('')
  await ledger.post(at('2026-05-01T10:00:00Z', 'earn'))
  expect(await missing(ledger, '2026-05-03T01:59:59Z')).toBe('')
  expect(await missing(ledger, '2026-05-03T02:00:00Z')).toBe('2026-05-01: no tally')
  await hear(ledger, '2026-05-01', [{ kind: 'earned', currency: 'USD', count: 1, amount: 100 }], '2026-05-03T03:00:00Z')
  await hear(ledger, '2026-05-03', [], '2026-05-04T00:10:00Z')
  expect(await missing(ledger, '2026-05-05T00:00:00Z')).toBe('2026-05-02: no tally')
})

test('a tally that comes again changes nothing; another one of the same day waits for a person', async () => {
  const ledger = await openLedger()
  const id = v7()
  const lines = [{ kind: 'earned', currency: 'USD', count: 1, amount: 100 }]
  expect(await hear(ledger, '2026-05-01', lines, '2026-05-02T00:10:00Z', id)).toEqual([{ kind: 'done' }])
  expect(await hear(ledger, '2026-05-01', lines, '2026-05-02T00:20:00Z', id)).toMatchObject([{ kind: 'ignored' }])
  expect(await hear(ledger, '2026-05-01', [], '2026-05-02T00:30:00Z')).toMatchObject([{ kind: 'rejected' }])
})

test('each hour the last days are compared, all days with everything else', async () => {
  const ledger = await openLedger()
  const lost = [{ kind: 'earned', currency: 'USD', count: 1, amount: 100 }]
  for (const day of ['01', '02', '03', '04', '05', '06', '07']) {
    await hear(ledger, `2026-05-${day}`, lost, `2026-05-${day}T23:59:59Z`)
  }
  const now = '2026-05-08T12:00:00Z'
  const scope = { now, clearingMaxAgeDays: 7, range: everything }
  const recent = await ledger.db.transaction((tx) => runChecks(tx, recentStandingChecks, scope))
  expect(recent.find(({ name }) => name === check)).toMatchObject({ status: 'failed', broken: 3 })
  const { checks } = await verifyBooks(ledger.db, { now, clearingMaxAgeDays: 7 })
  expect(checks.find(({ name }) => name === check)).toMatchObject({ status: 'failed', broken: 7 })
})
