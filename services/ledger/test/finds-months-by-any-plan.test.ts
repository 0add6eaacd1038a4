import type { Database } from '@tributary/database'
import { expect, test } from 'vitest'
import { dropLeftovers, listPartitionsBefore } from '../src/store/partitions.ts'
import { openLedger } from './rig.ts'

/** A planner without these reads every table's name before it asks which are partitions. */
const plans = [
  '',
  'set local enable_nestloop = off',
  'set local enable_nestloop = off; set local enable_hashjoin = off',
]

test.each(plans)('the months that have ended are found whatever else the database holds: %s', async (plan) => {
  const { database } = await openLedger()
  const tx = await database.db.transaction()
  try {
    if (plan !== '') await tx.raw(plan)
    const db = tx as unknown as Database
    const found = await listPartitionsBefore(db, '9999-01-01T00:00:00Z')
    expect(found.map(({ table }) => table).slice(0, 2)).toEqual(['ledger_entries', 'transfers'])
    expect(await listPartitionsBefore(db, found[0]!.until)).toHaveLength(2)
    await dropLeftovers(db, '9999-01-01T00:00:00Z')
    expect(await listPartitionsBefore(db, '9999-01-01T00:00:00Z')).toEqual(found)
  } finally {
    await tx.rollback()
  }
})
