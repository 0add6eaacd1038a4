import { openDatabase, query } from '@tributary/database'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { verifyNextBatches } from '../src/steps/verify-new-entries.ts'
import { type Ledger, openLedger, postTo, request } from './rig.ts'

/** Rows that PostgreSQL has fetched from the ledger's tables, by index or by reading on: the same on every machine. */
async function rowsRead({ database }: Ledger): Promise<number> {
  await query(database.db, 'select pg_stat_clear_snapshot()')
  const [row] = await query<{ read: bigint }>(
    database.db,
    `select sum(coalesce(idx_tup_fetch, 0) + seq_tup_read)::bigint as read from pg_stat_user_tables
     where relname ~ '^(transfers|ledger_entries)_[0-9]' or relname in ('causes', 'cause_conflicts', 'accounts', 'balances',
       'batches', 'reward_positions', 'cashout_positions', 'verified_rewards', 'verified_cashouts')`,
  )
  return Number(row!.read)
}

/** What autovacuum does while a ledger grows: statistics, and the summaries that tell which pages are new. */
async function keepHouse({ database }: Ledger): Promise<void> {
  await query(
    database.db,
    'analyze transfers, ledger_entries, causes, accounts, balances, batches, reward_positions, verified_rewards',
  )
  await query(
    database.db,
    `select brin_summarize_new_values(i.oid) from pg_class i join pg_am a on a.oid = i.relam
     where a.amname = 'brin' and i.relkind = 'i'`,
  )
}

test('verifying what is new costs the same, however long the history before it is', async () => {
  const ledger = await openLedger()
  // One connection, so that its counters are all there are.
  const db = openDatabase({ url: ledger.database.url, applicationName: 'test', poolMax: 1 })
  onTestFinished(() => db.destroy())
  const hot = v7()
  const verify = async () => {
    const verifier = { db, now: () => new Date(), newId: () => v7(), clearingMaxAgeDays: 7 }
    let step = await verifyNextBatches(verifier)
    while (step?.more) step = await verifyNextBatches(verifier)
    expect(step?.status).toBe('passed')
    // Counters arrive with the transaction's end, or when asked for.
    await query(db, 'select pg_stat_force_next_flush()')
  }
  /** The rows read for one batch of one hot user and some others, which were there before. */
  const cost = async (): Promise<number> => {
    const rewards = Array.from({ length: 20 }, (_, at) => request('earn', at < 10 ? { userId: hot } : {}))
    await postTo(db, ...rewards)
    await postTo(db, ...rewards.map(({ rewardId, userId }) => request('release', { rewardId, userId })))
    await query(db, 'select pg_stat_force_next_flush()')
    const before = await rowsRead(ledger)
    await verify()
    return (await rowsRead(ledger)) - before
  }
  const grow = async (batches: number) => {
    for (let batch = 0; batch < batches; batch++) {
      await postTo(
        db,
        ...Array.from({ length: 2_000 }, (_, at) => request('earn', at % 2 === 0 ? { userId: hot } : {})),
      )
    }
    await verify()
    await keepHouse(ledger)
  }
  await grow(1)
  const small = await cost()
  await grow(25)
  const large = await cost()
  const [history] = await query<{ entries: bigint }>(db, 'select count(*) as entries from ledger_entries')
  expect(history!.entries).toBeGreaterThan(100_000n)
  expect(small).toBeGreaterThan(0)
  // Whole pages are read where the new rows are; a history that was read would be a hundred times as much.
  expect(large).toBeLessThan(3 * small)
}, 120_000)
