import { type Database, query } from '@tributary/database'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { type AsOf, readAsOf } from '../src/store/as-of.ts'
import { findBalancesAsRecorded, findBalancesInEffect, type UserBalance } from '../src/store/balances.ts'
import { allEntries, type Entry, instantsOf, letPass, months, openPastLedger, toInstant, users } from './months.ts'
import { openLedger, request } from './rig.ts'

const DAY_MS = 86_400_000
const fields = {
  'user:pending': 'pending',
  'user:available': 'available',
  'user:held': 'held',
  'user:in_payout': 'inPayout',
  'user:owed': 'owed',
  'program:expense': 'totalEarned',
} as const

/** The sums of a user's entries that count, the plain way. */
function fold(entries: readonly Entry[], user: string, counts: (entry: Entry) => boolean): UserBalance[] {
  const mine = entries.filter(({ userId }) => userId === user)
  const currencies = [...new Set(mine.map(({ currency }) => currency))].sort()
  return currencies.map((currency) => {
    const balance = { currency, pending: 0n, available: 0n, held: 0n, inPayout: 0n, owed: 0n, totalEarned: 0n }
    for (const entry of mine) {
      const field = fields[entry.account as keyof typeof fields]
      if (entry.currency === currency && counts(entry)) balance[field] += entry.change
    }
    return balance
  })
}

function resultOf<T>(asked: AsOf<T>): T {
  if (asked.status !== 'read') throw new Error(asked.status)
  return asked.result
}

async function balancesAt(db: Database, userId: string, at: string) {
  const filter = { userId, currency: undefined }
  return {
    recorded: resultOf(await readAsOf(db, at, (instant) => findBalancesAsRecorded(db, filter, instant))),
    effective: resultOf(await readAsOf(db, at, (instant) => findBalancesInEffect(db, filter, instant))),
  }
}

/** Both balances of every account at each instant, by the database's functions. */
async function allBalancesAt(db: Database, instants: readonly bigint[]) {
  const rows = await query<{ key: string; recorded: bigint; effective: bigint }>(
    db,
    `select asked.at || ' ' || a.id as key, (position_as_of(a.id, asked.at::timestamptz)).balance as recorded,
       balance_in_effect(a.id, asked.at::timestamptz) as effective
     from unnest(?::text[]) as asked (at) cross join accounts a`,
    [instants.map(toInstant)],
  )
  return Object.fromEntries(rows.map(({ key, ...balances }) => [key, balances]))
}

function allFoldsAt(entries: readonly Entry[], instants: readonly bigint[]) {
  const accounts = [...Map.groupBy(entries, ({ accountId }) => accountId)]
  const sum = (mine: readonly Entry[], counts: (entry: Entry) => boolean) =>
    mine.reduce((total, entry) => (counts(entry) ? total + entry.change : total), 0n)
  return Object.fromEntries(
    instants.flatMap((at) =>
      accounts.map(([id, mine]) => {
        const recorded = sum(mine, ({ postedAt }) => postedAt <= at)
        const effective = sum(mine, ({ effectiveAt }) => effectiveAt <= at)
        return [`${toInstant(at)} ${id}`, { recorded, effective }]
      }),
    ),
  )
}

test('balances at any past instant are the sums of the entries up to it, over months, late or early', async () => {
  await fc.assert(
    fc.asyncProperty(months, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (steps, choice) => {
      const ledger = await openPastLedger()
      await letPass(ledger, steps)
      const entries = await allEntries(ledger.database.db)
      const instants = instantsOf(entries)
      // All of them would take long; each run asks about others.
      const some = (count: number) => instants.filter(() => choice.next().value! * instants.length < count)
      const many = some(60)
      expect(await allBalancesAt(ledger.db, many)).toEqual(allFoldsAt(entries, many))
      for (const at of some(2)) {
        const recorded = fold(entries, users[0], ({ postedAt }) => postedAt <= at)
        const effective = fold(entries, users[0], ({ effectiveAt }) => effectiveAt <= at)
        expect(await balancesAt(ledger.db, users[0], toInstant(at)), toInstant(at)).toEqual({ recorded, effective })
      }
    }),
    { numRuns: 3 },
  )
}, 120_000)

test('months lie in partitions of their own', async () => {
  const ledger = await openPastLedger()
  for (const days of [200, 100, 50, 1]) {
    await ledger.setClock(new Date(Date.now() - days * DAY_MS))
    await ledger.post(request('earn', { userId: users[0] }))
  }
  const [row] = await query<{ partitions: number }>(
    ledger.database.db,
    'select count(distinct tableoid)::int as partitions from ledger_entries',
  )
  expect(row!.partitions).toBeGreaterThanOrEqual(3)
})

test('balances are exact in every snapshot while others post', async () => {
  const ledger = await openLedger()
  const userId = users[0]
  let posting = true
  const write = async () => {
    for (let turn = 0; turn < 40; turn++) {
      const time = new Date(Date.now() + ((turn * 7) % 11) * 100 - 600).toISOString()
      await ledger.post(request('earn', { userId, amount: BigInt(turn + 1), time }))
    }
  }
  const told: { at: string; recorded: UserBalance[] }[] = []
  const read = async () => {
    while (posting) {
      const [wrong] = await query(
        ledger.db,
        `with asked as (select clock_timestamp() - random() * interval '1 second' as at)
         select a.id, asked.at, balance_in_effect(a.id, asked.at), fold.effective, (position_as_of(a.id, asked.at)).balance, fold.recorded
         from accounts a cross join asked join account_kinds k using (kind) cross join lateral (
           select coalesce(sum(change) filter (where effective_at <= asked.at), 0) as effective,
             coalesce(sum(change) filter (where posted_at <= asked.at), 0) as recorded
           from (select effective_at, posted_at, k.sign * case side when 'C' then amount else -amount end as change
                 from ledger_entries where account_id = a.id) e) fold
         where balance_in_effect(a.id, asked.at) <> fold.effective or (position_as_of(a.id, asked.at)).balance <> fold.recorded`,
      )
      expect(wrong).toBeUndefined()
      const asked = await readAsOf(ledger.db, null, (at) =>
        findBalancesAsRecorded(ledger.db, { userId, currency: 'USD' }, at),
      )
      if (asked.status === 'read') told.push({ at: asked.instant, recorded: asked.result })
    }
  }
  const writers = Promise.all([write(), write(), write()]).finally(() => {
    posting = false
  })
  await Promise.all([writers, read(), read()])
  expect(told.length).toBeGreaterThan(20)
  // What was told of an instant is still so.
  const entries = await allEntries(ledger.database.db)
  for (const { at, recorded } of told) {
    const then = entries.filter(({ postedAt }) => toInstant(postedAt) <= at)
    if (then.length > 0) expect(recorded, at).toEqual(fold(then, userId, () => true))
  }
}, 60_000)

test('before the first entry there is nothing, and nothing is owed', async () => {
  const { db, post } = await openLedger()
  await post(request('earn', { userId: users[0], time: '9999-01-01T00:00:00Z' }))
  const zeros = { currency: 'USD', pending: 0n, available: 0n, held: 0n, inPayout: 0n, owed: 0n, totalEarned: 0n }
  for (const at of ['0001-01-01T00:00:00.000000Z', '2001-01-01T00:00:00.000000Z']) {
    expect(await balancesAt(db, users[0], at)).toEqual({ recorded: [zeros], effective: [zeros] })
  }
})

test('an instant that has just passed waits for the posting that was stamped before it', async () => {
  const ledger = await openLedger()
  await ledger.post(request('earn', { userId: users[0] }))
  // A posting that is stamped but not committed, as a slow process would leave it.
  const slow = await ledger.database.db.transaction()
  onTestFinished(async () => void (slow.isCompleted() || (await slow.rollback())))
  await slow.raw('select lock_ledger()')
  const [stamped] = await query<{ at: string }>(slow, 'select clock_timestamp()::text as at')
  let answered = false
  const asked = balancesAt(ledger.db, users[0], stamped!.at).finally(() => {
    answered = true
  })
  // Another connection's question and answer take longer than a read that does not wait.
  await query(ledger.database.db, 'select pg_sleep(0.1)')
  expect(answered).toBe(false)
  await slow.commit()
  expect((await asked).recorded).toMatchObject([{ pending: 100n }])
})

test('a read that takes long holds up nobody who posts', async () => {
  const ledger = await openLedger()
  await ledger.post(request('earn'))
  const asked = await readAsOf(ledger.db, null, () => ledger.post(request('earn')))
  expect(resultOf(asked)).toMatchObject([{ kind: 'done' }])
})

test('an instant that has not passed has no answer', async () => {
  const { db } = await openLedger()
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString()
  expect(await readAsOf(db, tomorrow, () => Promise.resolve(v7()))).toEqual({ status: 'in_the_future' })
})
