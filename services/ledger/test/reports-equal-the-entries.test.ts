import { inTransaction, query } from '@tributary/database'
import { newPublisher } from '@tributary/messaging'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { ClearRequest } from '../src/domain/request.ts'
import { postNow } from '../src/steps/post.ts'
import { findLiability, type LiabilityLine } from '../src/store/liability.ts'
import { findTrialBalance, findTrialBalanceAsRecorded, sumBackTo, sumUpTo } from '../src/store/trial-balance.ts'
import { allEntries, type Entry, instantsOf, letPass, months, openPastLedger, toInstant, users } from './months.ts'
import { openReader } from './reading.ts'
import { type Ledger, openLedger, request } from './rig.ts'

const DAY = 86_400_000_000n

/** The sums of the entries up to an instant, the plain way. */
function trialBalanceAt(entries: readonly Entry[], at: bigint) {
  const until = entries.filter(({ postedAt }) => postedAt <= at)
  const groups = Map.groupBy(until, ({ currency, account }) => `${currency} ${account}`)
  return [...groups.keys()].toSorted().map((key) => {
    const of = groups.get(key)!
    const sum = (amountOf: (entry: Entry) => bigint) => of.reduce((total, entry) => total + amountOf(entry), 0n)
    return {
      account: of[0]!.account,
      currency: of[0]!.currency,
      debits: sum(({ side, amount }) => (side === 'D' ? amount : 0n)),
      credits: sum(({ side, amount }) => (side === 'C' ? amount : 0n)),
      balance: sum(({ change }) => change),
    }
  })
}

type Lot = { amount: bigint; at: bigint }

/** What an account's balance is made of: what comes in waits in a queue, what goes out takes from its front. */
function lotsOf(entries: readonly Entry[]): Lot[] {
  const lots: Lot[] = []
  for (const { change, postedAt } of entries) {
    let left = change
    while (left !== 0n && lots.length > 0 && lots[0]!.amount > 0n !== left > 0n) {
      const lot = lots[0]!
      const taken = left + lot.amount > 0n === left > 0n ? lot.amount : -left
      lot.amount -= taken
      left += taken
      if (lot.amount === 0n) lots.shift()
    }
    if (left !== 0n) lots.push({ amount: left, at: postedAt })
  }
  return lots
}

const ageOf = (days: bigint) =>
  days <= 30n
    ? 'days0To30'
    : days <= 60n
      ? 'days31To60'
      : days <= 90n
        ? 'days61To90'
        : days <= 365n
          ? 'days91To365'
          : 'over365'

function liabilityAt(entries: readonly Entry[], at: bigint) {
  const sums: Record<string, bigint> = {}
  const until = entries.filter(({ postedAt, account }) => postedAt <= at && /^user|clearing/.test(account))
  for (const mine of Map.groupBy(until, ({ accountId }) => accountId).values()) {
    const { currency, account } = mine[0]!
    for (const { amount, at: since } of lotsOf(mine)) {
      const key = `${currency} ${account} ${ageOf((at - since) / DAY)}`
      sums[key] = (sums[key] ?? 0n) + amount
    }
  }
  return withoutZeros(sums)
}

const withoutZeros = (sums: Record<string, bigint>) =>
  Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n))

const spread = (lines: readonly LiabilityLine[]) =>
  withoutZeros(
    Object.fromEntries(
      lines.flatMap(({ account, currency, balance: _balance, ...ages }) =>
        Object.entries(ages).map(([age, amount]) => [`${currency} ${account} ${age}`, amount] as const),
      ),
    ),
  )

test('trial balance and liability at any past instant are what the entries up to it say, and agree', async () => {
  await fc.assert(
    fc.asyncProperty(months, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (steps, choice) => {
      const ledger = await openPastLedger()
      await letPass(ledger, steps)
      const entries = await allEntries(ledger.database.db)
      const instants = instantsOf(entries)
      for (const at of instants.filter(() => choice.next().value! * instants.length < 12)) {
        const expected = trialBalanceAt(entries, at)
        const instant = toInstant(at)
        expect(await sumUpTo(ledger.db, instant), instant).toEqual(expected)
        expect(await sumBackTo(ledger.db, instant), instant).toEqual(expected)
        expect(await findTrialBalanceAsRecorded(ledger.db, instant), instant).toEqual(expected)
        const liability = await findLiability(ledger.db, instant, undefined)
        expect(spread(liability), instant).toEqual(liabilityAt(entries, at))
        agree(liability, expected)
        const euro = liability.filter(({ currency }) => currency === 'EUR')
        expect(await findLiability(ledger.db, instant, 'EUR')).toEqual(euro)
      }
      expect(await findTrialBalance(ledger.db)).toEqual(trialBalanceAt(entries, instants.at(-1)!))
    }),
    { numRuns: 3 },
  )
}, 120_000)

/** Each balance is the sum of its ages, and the balance of the trial balance; none is missing. */
function agree(liability: readonly LiabilityLine[], trialBalance: ReturnType<typeof trialBalanceAt>) {
  for (const { balance, account: _account, currency: _currency, ...ages } of liability) {
    expect(Object.values(ages).reduce((sum, amount) => sum + amount, 0n)).toBe(balance)
  }
  const owned = trialBalance.filter(({ account }) => /^user|clearing/.test(account))
  for (const { account, currency, balance } of owned) {
    expect(liability).toContainEqual(expect.objectContaining({ account, currency, balance }))
  }
  expect(liability).toHaveLength(owned.length)
}

/** Over a year, on each side of every bound between two ages. */
test('a balance is as old as the newest amounts that cover it, to the day', async () => {
  const ledger = await openPastLedger()
  const now = BigInt(Date.now() - 60_000) * 1_000n
  for (const days of [366, 365, 91, 90, 61, 60, 31, 30, 0]) {
    await ledger.setClock(new Date(Number((now - BigInt(days) * DAY) / 1_000n)))
    const earn = request('earn', { userId: users[0], amount: 1n + BigInt(days) })
    await ledger.post(earn)
    // What is released is the oldest.
    if (days === 0) await ledger.post({ ...earn, kind: 'release', causeId: v7(), amount: 1n })
  }
  const [pending, available] = await findLiability(ledger.db, toInstant((now / 1_000n) * 1_000n + 900n), 'USD')
  expect(pending).toEqual({
    account: 'user:pending',
    currency: 'USD',
    balance: 1_103n - 1n,
    days0To30: 32n,
    days31To60: 93n,
    days61To90: 153n,
    days91To365: 458n,
    over365: 366n,
  })
  expect(available).toMatchObject({ account: 'user:available', days0To30: 1n, over365: 0n })
})

test('a clearing account below zero is made of the newest that went out', async () => {
  const ledger = await openLedger()
  await clear(ledger, { direction: 'out', amount: 50n })
  await clear(ledger, { direction: 'back', amount: 20n })
  const [row] = await query<{ at: string }>(ledger.database.db, `select clock_timestamp()::text as at`)
  const [line, ...rest] = await findLiability(ledger.db, row!.at, undefined)
  expect(rest).toEqual([])
  expect(line).toMatchObject({ account: 'provider:clearing', balance: -30n, days0To30: -30n, over365: 0n })
})

function clear({ db }: Ledger, changes: Pick<ClearRequest, 'direction' | 'amount'>) {
  const context = { now: new Date(), newId: () => v7() }
  const request: ClearRequest = {
    kind: 'clear',
    causeId: v7(),
    provider: 'stripe',
    cashoutId: null,
    currency: 'USD',
    ...changes,
  }
  return inTransaction(db, async (tx) => {
    const publisher = newPublisher('ledger', context)
    const because = { correlationId: v7(), subject: v7() }
    const [posted] = await postNow(tx, publisher.publish, context.newId, [
      { request, because, effectiveAt: context.now.toISOString() },
    ])
    await publisher.flush(tx)
    expect(posted!.status).toBe('posted')
  })
}

test('both reports come as JSON and as CSV with the same figures', async () => {
  const ledger = await openPastLedger()
  await ledger.setClock(new Date(Date.now() - 45 * 86_400_000))
  const earn = request('earn', { userId: users[0], amount: 500n })
  await ledger.post(earn, { ...earn, kind: 'release', causeId: v7(), amount: 300n })
  await ledger.post({ ...earn, kind: 'reserve', rewardId: v7(), causeId: v7(), amount: 300n })
  await ledger.post({ ...earn, kind: 'reverse', causeId: v7(), amount: 250n })
  const { get, read } = await openReader(ledger.database)
  const asOf = `?asOf=${new Date(Date.now() - 86_400_000).toISOString()}`
  for (const query of ['', asOf]) {
    expect((await read(`/api/v1/trial-balance${query}`, 'text/csv')).text).toBe(
      [
        'account,currency,debits,credits,balance',
        'program:expense,USD,500,250,250',
        'user:available,USD,300,300,0',
        'user:in_payout,USD,0,300,300',
        'user:owed,USD,50,0,50',
        'user:pending,USD,500,500,0',
        'total,USD,1350,1350,',
        '',
      ].join('\r\n'),
    )
    expect((await read(`/api/v1/liability${query}`, 'text/csv')).text).toBe(
      [
        'account,currency,balance,days0To30,days31To60,days61To90,days91To365,over365',
        'user:pending,USD,0,0,0,0,0,0',
        'user:available,USD,0,0,0,0,0,0',
        'user:in_payout,USD,300,0,300,0,0,0',
        'user:owed,USD,50,0,50,0,0,0',
        '',
      ].join('\r\n'),
    )
    expect(await get(`/api/v1/liability${query}`)).toMatchObject({
      status: 200,
      totals: [{ currency: 'USD', toUsers: 300, fromUsers: 50, toProviders: 0, total: 250 }],
    })
  }
})
