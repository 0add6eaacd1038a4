import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { type Ingest, paid, send, startIngest, webhook } from './sender.ts'
import { limit, usageOf } from './usage.ts'

type Count = { live: number; waiting: number }

async function countOf({ database }: Ingest): Promise<Count> {
  const [row] = await query<Count>(
    database.db,
    `select count(*) filter (where disposition = 'publish')::int as live,
       (select count(*)::int from event_statuses where status = 'deferred') as waiting from webhook_events`,
  )
  return row!
}

it('two processes under load publish at most the quota, and what was deferred too early follows by itself', async () => {
  const away = { amqpUrl: 'amqp://127.0.0.1:1' }
  const first = await startIngest({}, away)
  const second = await startIngest({ WEBHOOK_SECRET: first.secret }, { ...away, database: first.database })
  const quota = 200
  await limit(first, quota)
  let next = 0
  const lanes = Array.from({ length: 32 }, async (_, lane) => {
    while (next < 500) {
      next += 1
      const answer = await send(lane % 2 === 0 ? first : second, {
        body: webhook({ ...paid, invoiceId: `in_${next}` }),
      })
      expect(answer.status).toBe(202)
    }
  })
  await Promise.all(lanes)
  const { live, waiting } = await countOf(first)
  expect(live).toBeLessThanOrEqual(quota)
  // A hundredth for each process, and what was on its way when the last lease was asked for.
  expect(live).toBeGreaterThanOrEqual(quota - 2 * 32 - 2 * 2)
  expect(next - waiting).toBeLessThanOrEqual(quota)
  expect(await usageOf(first)).toMatchObject({ quota, used: next })
  // As when a minute has passed: nothing is reserved any more.
  await query(first.database.db, 'update quota_leases set expires_at = now()')
  await until('the rest of the quota to be used', async () => (await countOf(second)).waiting === next - quota)
  expect(await usageOf(second)).toMatchObject({ used: next, deferred: next - quota })
}, 60_000)

it('a process that ends gives back what it did not use, and one that dies loses it for a minute only', async () => {
  const away = { amqpUrl: 'amqp://127.0.0.1:1' }
  const first = await startIngest({}, away)
  const second = await startIngest({ WEBHOOK_SECRET: first.secret }, { ...away, database: first.database })
  await limit(first, 1_000)
  await send(first, { body: webhook() })
  const reserved = () => query<{ units: number }>(first.database.db, 'select units from quota_leases')
  expect(await reserved()).toEqual([{ units: 10 }])
  // Nearly all is used up by others; what the first one holds is not given to the second.
  await query(
    first.database.db,
    `insert into usage_months (month, used, deferred, released)
     values (date_trunc('month', now() at time zone 'utc'), 988, 0, 0)
     on conflict (month) do update set used = usage_months.used + 988`,
  )
  const one = async (of: Ingest, invoiceId: string) => {
    await send(of, { body: webhook({ ...paid, invoiceId }) })
    return (await countOf(of)).waiting
  }
  expect([await one(second, 'in_2'), await one(second, 'in_3')]).toEqual([0, 1])
  await first.stop()
  await until('the one that waited to follow', async () => (await countOf(second)).waiting === 0)
}, 60_000)
