import { query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { ClearRequest } from '../src/domain/request.ts'
import { postNow } from '../src/steps/post.ts'
import { verifyBooks } from '../src/store/verify-books.ts'
import { type Ledger, openLedger, request } from './rig.ts'

const DAY_MS = 86_400_000

/** What is named at an instant; '' where all is in time. */
async function overdue({ db }: Ledger, now: string, clearingMaxAgeDays = 7): Promise<string> {
  const { checks } = await verifyBooks(db, { now, clearingMaxAgeDays })
  const found = checks.find(({ name }) => name === 'money_on_its_way_arrives_in_time')!
  expect(found.status).toBe(found.broken === 0 ? 'passed' : 'failed')
  return found.detail
}

const inDays = (days: number, from = new Date()) => new Date(from.getTime() + days * DAY_MS).toISOString()

/** A user with so much money available, who has asked for all of it in cashouts of these amounts. */
async function cashingOut(ledger: Ledger, amounts: readonly bigint[]) {
  const earned = request('earn', { amount: amounts.reduce((sum, one) => sum + one, 0n) })
  await ledger.post(earned)
  await ledger.post({ ...earned, kind: 'release', causeId: v7() })
  const cashouts = amounts.map((amount) => request('reserve', { userId: earned.userId, amount }))
  for (const cashout of cashouts) await ledger.post(cashout)
  return cashouts
}

/** The provider settles so much, or gives it back. */
const clear = ({ db }: Ledger, amount: bigint, direction: ClearRequest['direction']) =>
  db.transaction(async (tx) => {
    const asked = { kind: 'clear', causeId: v7(), amount, currency: 'USD', provider: 'simulator' } as const
    const because = { correlationId: v7(), subject: v7() }
    const ask = { request: { ...asked, cashoutId: null, direction }, because, effectiveAt: new Date().toISOString() }
    const [posted] = await postNow(tx, () => {}, v7, [ask])
    expect(posted!.status).toBe('posted')
  })

test('a cashout that is neither paid nor given back in time is named', async () => {
  const ledger = await openLedger()
  const [late, returned] = await cashingOut(ledger, [30n, 5n])
  await ledger.post({ ...returned!, kind: 'return', causeId: v7() })
  expect(await overdue(ledger, inDays(6.99))).toBe('')
  expect(await overdue(ledger, inDays(7.01))).toBe(`cashout ${late!.rewardId}`)
  expect(await overdue(ledger, inDays(7.01), 8)).toBe('')
  await ledger.post({ ...late!, kind: 'return', causeId: v7() })
  expect(await overdue(ledger, inDays(7.01))).toBe('')
})

test('of what a provider has paid and not settled, what is too old is named: what was paid first is settled first', async () => {
  const ledger = await openLedger()
  const [first, second] = await cashingOut(ledger, [30n, 5n])
  await ledger.post({ ...first!, kind: 'settle', causeId: v7() })
  await ledger.post({ ...second!, kind: 'settle', causeId: v7() })
  expect(await overdue(ledger, inDays(6.99))).toBe('')
  expect(await overdue(ledger, inDays(7.01))).toBe('simulator USD 35')
  const [between] = await query<{ now: string }>(
    ledger.db,
    `select to_char((min(posted_at) + (max(posted_at) - min(posted_at)) / 2 + interval '7 days') at time zone 'utc',
       'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now from transfers where kind = 'settle'`,
  )
  expect(await overdue(ledger, between!.now)).toBe('simulator USD 30')
  await clear(ledger, 30n, 'out')
  expect(await overdue(ledger, between!.now)).toBe('')
  expect(await overdue(ledger, inDays(7.01))).toBe('simulator USD 5')
  await clear(ledger, 5n, 'out')
  expect(await overdue(ledger, inDays(7.01))).toBe('')
})

test('what a provider took and nobody was paid for is named, too', async () => {
  const ledger = await openLedger()
  const [cashout] = await cashingOut(ledger, [30n])
  await ledger.post({ ...cashout!, kind: 'settle', causeId: v7() })
  await clear(ledger, 40n, 'out')
  expect(await overdue(ledger, inDays(6.99))).toBe('')
  expect(await overdue(ledger, inDays(7.01))).toBe('simulator USD -10')
})
