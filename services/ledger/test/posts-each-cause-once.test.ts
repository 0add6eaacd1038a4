import { transferPosted, transferRefused } from '@tributary/contracts'
import { query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { verifyBooks } from '../src/store/verify-books.ts'
import { type Ledger, openLedger, request } from './rig.ts'

type Said = { type: string; payload: string }

async function said({ database }: Ledger, type: string): Promise<Record<string, unknown>[]> {
  const rows = await query<Said>(database.db, 'select type, payload from outbox where type like ? order by seq', [type])
  return rows.map((row) => JSON.parse(row.payload) as Record<string, unknown>)
}

test('a batch of two hundred, with duplicates and conflicts in it, posts each cause once', async () => {
  const ledger = await openLedger()
  const users = Array.from({ length: 20 }, () => v7())
  const fresh = Array.from({ length: 150 }, (_, index) =>
    request('earn', { userId: users[index % 20]!, amount: BigInt(index + 1) }),
  )
  const again = fresh.slice(0, 40)
  const conflicts = fresh.slice(40, 50).map((one) => ({ ...one, amount: one.amount + 1n }))
  const outcomes = await ledger.post(...fresh, ...again, ...conflicts)

  const count = (reason: string) => outcomes.filter((one) => 'reason' in one && one.reason === reason).length
  expect(outcomes.filter(({ kind }) => kind === 'done')).toHaveLength(150)
  expect([count('already_answered'), count('conflict')]).toEqual([40, 10])
  expect(await said(ledger, 'transfer.posted.earn')).toHaveLength(150)
  const refused = await said(ledger, transferRefused.type)
  expect(refused).toEqual(conflicts.map(({ causeId }) => ({ causeId, reason: 'conflict' })))
  const [batches] = await query(
    ledger.database.db,
    'select count(*)::int as batches, sum(transfers)::int as transfers from batches',
  )
  expect(batches).toEqual({ batches: 1, transfers: 150 })
  expect((await verifyBooks(ledger.db)).status).toBe('passed')
})

test('what was posted is told with its transfer, once for each movement', async () => {
  const ledger = await openLedger()
  const earn = request('earn')
  await ledger.post(earn)
  await ledger.post({ ...earn, kind: 'release', causeId: v7(), amount: 60n })
  const reverse = { ...earn, kind: 'reverse', causeId: v7(), amount: 70n } as const
  await ledger.post(reverse)
  const reversals = await said(ledger, 'transfer.posted.reverse')
  expect(reversals.map(({ amount, causeId }) => [amount, causeId])).toEqual([
    [40, reverse.causeId],
    [30, reverse.causeId],
  ])
  const rows = await query<{ id: string }>(
    ledger.database.db,
    `select id from transfers where kind = 'reverse' order by number`,
  )
  expect(reversals.map(({ transferId }) => transferId)).toEqual(rows.map(({ id }) => id))
  for (const payload of reversals) expect(transferPosted.data.safeParse(payload).success).toBe(true)
})

test('a refusal is frozen and told once, also when it comes again in another batch', async () => {
  const ledger = await openLedger()
  const earn = request('earn')
  await ledger.post(earn)
  const theft = request('release', { rewardId: earn.rewardId })
  const conflict = { ...earn, amount: 99n }
  for (const _time of [1, 2, 3]) await ledger.post(theft, conflict)
  expect(await said(ledger, transferRefused.type)).toEqual([
    { causeId: conflict.causeId, reason: 'conflict' },
    { causeId: theft.causeId, reason: 'reward_of_another_user' },
  ])
  // What would be right under a new cause stays refused under the old one.
  const [outcome] = await ledger.post({ ...theft, userId: earn.userId })
  expect(outcome).toEqual({ kind: 'ignored', reason: 'conflict' })
})

test('nothing is kept of what came too early, and it is posted when it comes again', async () => {
  const ledger = await openLedger()
  const earn = request('earn')
  const release = { ...earn, kind: 'release', causeId: v7() } as const
  expect(await ledger.post(release)).toEqual([{ kind: 'not_yet', reason: 'reward_not_granted_yet' }])
  const tables = ['causes', 'transfers', 'accounts', 'batches', 'outbox']
  for (const table of tables) expect(await query(ledger.database.db, `select from ${table}`), table).toEqual([])
  expect(await ledger.post(earn, release)).toEqual([{ kind: 'done' }, { kind: 'done' }])
})

test('eight writers that bring the same causes at once, in different orders, post each once', async () => {
  const ledger = await openLedger()
  const users = Array.from({ length: 5 }, () => v7())
  const earns = Array.from({ length: 60 }, (_, index) => request('earn', { userId: users[index % 5]! }))
  const reversals = earns.slice(0, 30).map((one) => ({ ...one, kind: 'reverse', causeId: v7(), amount: 40n }) as const)
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      const rotate = <T>(list: readonly T[]) => [...list.slice(writer * 7), ...list.slice(0, writer * 7)]
      const mine = [...rotate(earns), ...rotate(reversals)]
      // A reversal whose earning another writer is just posting comes too early: it comes again.
      for (let open = mine; open.length > 0; ) {
        const outcomes = await Promise.all(chunks(open, 25).map((chunk) => ledger.post(...chunk)))
        if (outcomes.flat().every(({ kind }) => kind !== 'not_yet')) break
        open = mine
      }
    }),
  )
  const [found] = await query(
    ledger.database.db,
    `select (select count(*)::int from transfers where kind = 'earn') as earned,
       (select count(*)::int from transfers where kind = 'reverse') as reversed,
       (select sum(b.balance)::int from balances b join accounts a on a.id = b.account_id where a.kind = 'user:pending') as pending,
       (select count(*)::int from outbox) as said`,
  )
  expect(found).toEqual({ earned: 60, reversed: 30, pending: 60 * 100 - 30 * 40, said: 90 })
  const report = await verifyBooks(ledger.db)
  expect(report.checks.filter(({ status }) => status !== 'passed')).toEqual([])
})

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
}

test('posting times rise strictly from batch to batch, whatever the clock does', async () => {
  const ledger = await openLedger()
  await ledger.post(request('earn'))
  // As if the machine's clock had been put back by an hour since then.
  const [head] = await query<{ at: string }>(
    ledger.database.db,
    `update ledger_head set posted_at = posted_at + interval '1 hour' returning posted_at::text as at`,
  )
  await ledger.post(request('earn'))
  await ledger.post(request('earn'))
  const rows = await query<{ rises: boolean }>(
    ledger.database.db,
    `select posted_at > lag(posted_at, 1, ?::timestamptz) over (order by number) as rises from batches where number > 1`,
    [head!.at],
  )
  expect(rows).toEqual([{ rises: true }, { rises: true }])
})
