import { type Database, query } from '@tributary/database'
import { type BoundedGauge, newGauge } from '@tributary/observability'
import { cutLine, startTestService, type TestServiceOptions, testDatabase } from '@tributary/testing'
import { expect, test } from 'vitest'
import type { Service } from '../src/index.ts'

/** A service that counts what is parked, whoever parked it. */
function counting(): Service {
  let parked: BoundedGauge<Record<never, never>>
  return {
    name: 'payouts',
    routes: [],
    consumes: [],
    publishes: [],
    jobs: [],
    instrument({ registry }) {
      parked = newGauge(registry, { name: 'rows', help: 'Rows.', labels: {} })
    },
    async measure(db: Database) {
      const [row] = await query<{ count: bigint }>(db, 'select count(*) from parked_messages')
      parked.set({}, Number(row!.count))
    },
  }
}

const start = (options: TestServiceOptions<object> = {}) => startTestService('payouts', counting, options)

async function scrape({ metricsUrl }: { metricsUrl: string }): Promise<string | undefined> {
  const text = await (await fetch(metricsUrl)).text()
  return text.split('\n').find((line) => line.startsWith('tributary_rows'))
}

const park = (db: Database) =>
  query(
    db,
    `insert into parked_messages (id, type, payload, reason, attempts, parked_at) values (gen_random_uuid(), 't', '', 'r', 1, now())`,
  )

test('every process shows the same at every scrape, also one that has just started', async () => {
  const one = await start()
  expect(await scrape(one)).toBe('tributary_rows 0')
  await park(one.database.db)
  const other = await start({ database: one.database, broker: one.broker })
  expect([await scrape(one), await scrape(other)]).toEqual(['tributary_rows 1', 'tributary_rows 1'])
})

test('without its database a scrape answers what was known last, within its time', async () => {
  const database = await testDatabase('payouts')
  const line = await cutLine(database.url)
  const service = await start({ database, databaseUrl: line.url })
  await park(database.db)
  expect(await scrape(service)).toBe('tributary_rows 1')
  await park(database.db)
  line.cut()
  expect(await scrape(service)).toBe('tributary_rows 1')
  line.mend()
  expect(await scrape(service)).toBe('tributary_rows 2')
  // A line that is silent is waited for, but not for ever.
  line.freeze()
  expect(await scrape(service)).toBe('tributary_rows 2')
  line.mend()
})
