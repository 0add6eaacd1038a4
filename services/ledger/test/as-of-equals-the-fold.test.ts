import { query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { readAsOf } from '../src/store/as-of.ts'
import { findBalancesAsRecorded, findBalancesInEffect, type UserBalance } from '../src/store/balances.ts'
import { findTrialBalanceAsRecorded } from '../src/store/trial-balance.ts'
import { type Ledger, openLedger, type Request, request } from './rig.ts'

const USER = v7()
const DAY_MS = 86_400_000

/** Forty rewards of one user; each is earned on a day of its own, recorded in shuffled order, some released and reversed. */
async function posted(): Promise<Ledger> {
  const ledger = await openLedger()
  const start = Date.parse('2026-01-01T00:00:00Z')
  const at = (day: number) => new Date(start + day * DAY_MS).toISOString()
  for (let index = 0; index < 40; index++) {
    const day = (index * 17) % 40
    const earn: Request = request('earn', { userId: USER, amount: BigInt(10 + index), time: at(day) })
    await ledger.post(earn)
    if (index % 2 === 0) await ledger.post({ ...earn, kind: 'release', causeId: v7(), time: at(day + 14) })
    if (index % 3 === 0) await ledger.post({ ...earn, kind: 'reverse', causeId: v7(), amount: 7n, time: at(day + 20) })
  }
  return ledger
}

/** The sums of entries up to an instant, the plain way. */
async function fold({ database }: Ledger, column: 'posted_at' | 'effective_at', instant: string) {
  const rows = await query<{ kind: string; balance: number }>(
    database.db,
    `select a.kind, sum(k.sign * case e.side when 'C' then e.amount else -e.amount end)::int as balance
     from ledger_entries e join accounts a on a.id = e.account_id join account_kinds k on k.kind = a.kind
     where e.${column} <= ?::timestamptz and a.user_id = ?::uuid group by a.kind`,
    [instant, USER],
  )
  const of = (kind: string) => BigInt(rows.find((row) => row.kind === kind)?.balance ?? 0)
  return { pending: of('user:pending'), available: of('user:available'), totalEarned: of('program:expense') }
}

const pick = (balances: readonly UserBalance[] | null) => {
  const [{ pending, available, totalEarned }] = balances as [UserBalance]
  return { pending, available, totalEarned }
}

test('the balance as recorded at any instant is the sum of the entries up to it', async () => {
  const ledger = await posted()
  const instants = await query<{ at: string }>(
    ledger.database.db,
    `select to_char((posted_at + step) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
     from batches, unnest(array[interval '-1 microsecond', '0', '1 microsecond']) step order by 1`,
  )
  expect(instants.length).toBeGreaterThan(200)
  for (const { at } of instants) {
    const found = await readAsOf(ledger.db, at, (tx) =>
      findBalancesAsRecorded(tx, { userId: USER, currency: 'USD' }, at),
    )
    expect(pick(found), at).toEqual(await fold(ledger, 'posted_at', at))
  }
  const [before] = (await readAsOf(ledger.db, '2001-01-01T00:00:00Z', (tx) =>
    findBalancesAsRecorded(tx, { userId: USER, currency: undefined }, '2001-01-01T00:00:00Z'),
  )) as [UserBalance]
  expect(before).toEqual({
    currency: 'USD',
    pending: 0n,
    available: 0n,
    held: 0n,
    inPayout: 0n,
    owed: 0n,
    totalEarned: 0n,
  })
})

test('the balance in effect at an instant counts what had happened, whenever it was recorded', async () => {
  const ledger = await posted()
  for (let day = 0; day < 62; day += 3) {
    const at = new Date(Date.parse('2026-01-01T12:00:00Z') + day * DAY_MS).toISOString()
    const found = await readAsOf(ledger.db, at, (tx) => findBalancesInEffect(tx, { userId: USER, currency: 'USD' }, at))
    expect(pick(found), at).toEqual(await fold(ledger, 'effective_at', at))
  }
})

test('the trial balance as recorded at an instant balances', async () => {
  const ledger = await posted()
  const [middle] = await query<{ at: string }>(
    ledger.database.db,
    'select posted_at::text as at from batches where number = 30',
  )
  const lines = await readAsOf(ledger.db, middle!.at, (tx) => findTrialBalanceAsRecorded(tx, middle!.at))
  const sum = (side: 'debits' | 'credits') => lines!.reduce((total, line) => total + line[side], 0n)
  expect(sum('debits')).toBe(sum('credits'))
  expect(sum('debits')).toBeGreaterThan(0n)
})

test('an instant that has just passed waits for the posting that was stamped before it', async () => {
  const ledger = await openLedger()
  const earn = request('earn', { userId: USER })
  await ledger.post(earn)
  // A posting that is stamped but not committed, as a slow process would leave it.
  const slow = await ledger.database.db.transaction()
  onTestFinished(async () => void (slow.isCompleted() || (await slow.rollback())))
  await slow.raw('select lock_ledger()')
  const [stamped] = await query<{ at: string }>(slow, 'select clock_timestamp()::text as at')
  let answered = false
  const asked = readAsOf(ledger.db, stamped!.at, async (tx) => {
    answered = true
    return findBalancesAsRecorded(tx, { userId: USER, currency: 'USD' }, stamped!.at)
  })
  // Another connection's question and answer take longer than a read that does not wait.
  await query(ledger.database.db, 'select pg_sleep(0.1)')
  expect(answered).toBe(false)
  await slow.commit()
  expect(pick(await asked)).toMatchObject({ pending: 100n })
})

test('an instant that has not passed has no answer', async () => {
  const { db } = await openLedger()
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString()
  expect(await readAsOf(db, tomorrow, () => Promise.resolve('read'))).toBeNull()
})
