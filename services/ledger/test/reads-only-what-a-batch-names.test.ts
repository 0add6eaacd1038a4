import { query } from '@tributary/database'
import { expect, test } from 'vitest'
import { openLedger, request } from './rig.ts'

const tables = ['accounts', 'balances', 'reward_positions', 'causes']

/**
 * A plan can be right for the empty tables that it was made on and walk all of them later; so this counts the rows that
 * PostgreSQL has fetched by indexes, which says the same on every machine, and not the time.
 */
test('a batch costs the same, however many accounts there are', async () => {
  const { database, db, post } = await openLedger()
  const read = async (): Promise<number> => {
    // Counters arrive with the transaction's end, or when asked for.
    await query(database.db, 'select pg_stat_clear_snapshot()')
    const [row] = await query<{ read: bigint }>(
      database.db,
      `select sum(coalesce(idx_tup_fetch, 0))::bigint as read from pg_stat_user_tables
       where relname = any(?::text[])`,
      [tables],
    )
    return Number(row!.read)
  }
  const costOfBatch = async (): Promise<number> => {
    await query(db, 'select pg_stat_force_next_flush()')
    const before = await read()
    const rewards = Array.from({ length: 50 }, () => request('earn'))
    await post(...rewards)
    await post(...rewards.map(({ rewardId, userId }) => request('release', { rewardId, userId })))
    await query(db, 'select pg_stat_force_next_flush()')
    return (await read()) - before
  }
  // The plans are made now, for one transfer and from tables with nothing in them, and kept.
  await post(request('earn'))
  const small = await costOfBatch()
  for (let i = 0; i < 10; i++) await post(...Array.from({ length: 200 }, () => request('earn')))
  const large = await costOfBatch()
  expect(small).toBeGreaterThan(0)
  expect(large).toBeLessThan(3 * small)
})
