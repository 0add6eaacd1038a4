import { type Database, openDatabase, query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { type Difference, rebuildAside } from '../src/store/rebuild.ts'
import { verifyBooks } from '../src/store/verify-books.ts'
import { type Ledger, openLedger, request } from './rig.ts'

/** Rewards in every state, held and free, and cashouts in all of theirs. */
async function worked(): Promise<Ledger> {
  const ledger = await openLedger()
  const time = new Date(Date.now() - 3 * 86_400_000).toISOString()
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  const rich = request('earn', { amount: 1_000n, time })
  const held = request('earn', { userId: rich.userId, time: tomorrow })
  const never = request('earn', { currency: 'EUR' })
  await ledger.post(rich, held, never)
  await ledger.post({ ...rich, kind: 'release', causeId: v7() })
  await ledger.post(
    { ...held, kind: 'hold', causeId: v7(), sequence: 1 },
    { ...never, kind: 'hold', causeId: v7(), sequence: 3 },
  )
  await ledger.post(
    { ...never, kind: 'resume', causeId: v7(), sequence: 2 },
    { ...never, kind: 'resume', causeId: v7(), sequence: 4 },
  )
  await ledger.post({ ...rich, kind: 'reverse', causeId: v7(), amount: 30n })
  const cashouts = Array.from({ length: 4 }, () => request('reserve', { userId: rich.userId, amount: 50n }))
  const [, paid, returned, bounced] = cashouts as [(typeof cashouts)[0], ...typeof cashouts]
  await ledger.post(...cashouts)
  await ledger.post({ ...paid!, kind: 'settle', causeId: v7() }, { ...bounced!, kind: 'settle', causeId: v7() })
  await ledger.post({ ...returned!, kind: 'return', causeId: v7() })
  await ledger.post({ ...bounced!, kind: 'bounce', causeId: v7() })
  return ledger
}

/** What drifts, and what has to be named of it. */
const drifts: readonly (readonly [what: string, sql: string, projection: string, column: string | null])[] = [
  [
    'a balance',
    `update balances set debits = debits + 1, credits = credits + 1 where account_id = 2`,
    'balances',
    'debits',
  ],
  ['a version', `update balances set version = version + 1 where account_id = 1`, 'balances', 'version'],
  ['a lateness', `update balances set max_lateness = '0' where max_lateness > '1 day'`, 'balances', 'max_lateness'],
  [
    'whose a balance is',
    `alter table balances disable trigger balances_keep_their_owner;
     update balances set user_id = gen_random_uuid() where account_id = 1;
     alter table balances enable trigger balances_keep_their_owner`,
    'balances',
    'user_id',
  ],
  ['a balance lost', `delete from balances where account_id = 3`, 'balances', null],
  [
    'a balance of nobody',
    `insert into balances (account_id, sign, guarded, kind, currency) values (999, 1, true, 'user:pending', 'USD')`,
    'balances',
    null,
  ],
  [
    'a reward',
    `update reward_positions set pending = pending + 1, granted = granted + 1 where currency = 'EUR'`,
    'reward_positions',
    'pending',
  ],
  [
    'a hold',
    `update reward_positions set is_held = not is_held where hold_sequence > 0`,
    'reward_positions',
    'is_held',
  ],
  ['a reward lost', `delete from reward_positions where is_held`, 'reward_positions', null],
  [
    'a cashout',
    `update cashout_positions set in_payout = 0, paid = reserved, provider = 'other' where in_payout > 0`,
    'cashout_positions',
    'paid',
  ],
  ['a cashout lost', `delete from cashout_positions where bounced > 0`, 'cashout_positions', null],
]

const columnOf = ({ was, computed }: Difference, column: string) =>
  [was, computed].map((row) => (row as Record<string, unknown>)[column])

test('computed anew from the transfers, everything is as it is kept', async () => {
  const { db } = await worked()
  expect(await rebuildAside(db)).toEqual({
    computed: { balances: 9, rewardPositions: 3, cashoutPositions: 4 },
    differing: 0,
    differences: [],
  })
  const report = await verifyBooks(db)
  expect(report.checks.filter(({ status }) => status !== 'passed')).toEqual([])
})

test('every drift is shown, row by row, and put right when the owner says so', async () => {
  const { database, db } = await worked()
  const owner = openDatabase({ url: database.ownerUrl, applicationName: 'test' })
  onTestFinished(() => owner.destroy())
  for (const [what, sql, projection, column] of drifts) {
    await query(database.db, sql)
    expect((await verifyBooks(db)).status, what).toBe('failed')
    const { differing, differences } = await rebuildAside(db)
    expect(differing, what).toBeGreaterThan(0)
    expect(new Set(differences.map((one) => one.projection)), what).toEqual(new Set([projection]))
    for (const one of differences) {
      if (column === null) expect([one.was, one.computed], what).toContain(null)
      else expect(columnOf(one, column)[0], what).not.toEqual(columnOf(one, column)[1])
    }
    const changed = await query<Difference>(owner, 'select * from rebuild_projections()')
    expect(changed, what).toEqual(differences)
    expect(await rebuildAside(db), what).toMatchObject({ differing: 0 })
    expect((await verifyBooks(db)).status, what).toBe('passed')
  }
})

test('only the owner of the tables may replace what is kept, and looking at it changes nothing', async () => {
  const { database, db } = await worked()
  await query(database.db, `update balances set version = version + 1 where account_id = 1`)
  const kept = (tx: Database) => query(tx, 'select * from balances order by account_id')
  const before = await kept(db)
  await rebuildAside(db)
  expect(await kept(db)).toEqual(before)
  await expect(query(db, 'select * from rebuild_projections()')).rejects.toThrow(/permission denied/)
})

test('replacing waits for who posts, and who posts waits for it', async () => {
  const { database, db, post } = await worked()
  const owner = openDatabase({ url: database.ownerUrl, applicationName: 'test' })
  onTestFinished(() => owner.destroy())
  const posting = Array.from({ length: 10 }, () => post(request('earn'), request('earn')))
  const rebuilding = Array.from({ length: 3 }, () => query(owner, 'select * from rebuild_projections()'))
  expect(await Promise.all(rebuilding)).toEqual([[], [], []])
  await Promise.all(posting)
  expect((await verifyBooks(db)).status).toBe('passed')
})
