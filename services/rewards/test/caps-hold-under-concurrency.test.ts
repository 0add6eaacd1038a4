import type { Envelope } from '@tributary/contracts'
import { type Database, inTransaction, openDatabase, type Transaction } from '@tributary/database'
import { defer } from '@tributary/testing'
import { expect, test } from 'vitest'
import {
  type Desk,
  openDesk,
  paid,
  refunded,
  refusedByLedger,
  registered,
  screened,
  seedReferrer,
  seedRule,
} from './desk.ts'

const fixed = { kind: 'fixed', amount: 100, currency: 'USD' }
const granted = async (desk: Desk) => {
  const [row] = await desk.rows<{ n: number; sum: number }>(
    'select count(*)::int as n, coalesce(sum(granted), 0)::int as sum from rewards',
  )
  return row!
}
const counters = (desk: Desk) =>
  desk.rows('select per, every, used_amount::int as amount, used_count as count from cap_counters order by per, every')

async function openProgramme(rule: Record<string, unknown>, customers = 1): Promise<Desk> {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk, { reward: fixed, ...rule })
  const registrations = Array.from({ length: customers }, (_, index) =>
    registered(`customer-${index}`, { referralCode: 'ann' }),
  )
  await desk.handle(...registrations)
  return desk
}

test('of two events in one batch for the last unit one gets it, and the other learns why not', async () => {
  const desk = await openProgramme({ caps: [{ per: 'rule', interval: 'total', count: 3 }] })
  await desk.handle(paid('customer-0', 'i-1', 500), paid('customer-0', 'i-2', 500))
  const outcomes = await desk.handle(paid('customer-0', 'i-3', 500), paid('customer-0', 'i-4', 500))
  expect(outcomes).toEqual([{ kind: 'done' }, { kind: 'ignored', reason: 'cap_reached' }])
  expect(await counters(desk)).toEqual([{ per: 'rule', every: 'total', amount: 300, count: 3 }])
  const [row] = await desk.rows<{ trace: { rules: { caps: unknown }[] } }>(
    `select trace from decisions where reason = 'cap_reached'`,
  )
  expect(row!.trace.rules[0]!.caps).toMatchObject([{ of: 'count', used: 3, cap: 3 }])
})

test('a cap in money grants what is left of it, and then nothing', async () => {
  const desk = await openProgramme({ caps: [{ per: 'user', interval: 'month', amount: 250 }] })
  await desk.handle(...['i-1', 'i-2', 'i-3', 'i-4'].map((id) => paid('customer-0', id, 500)))
  const rows = await desk.rows('select granted::int from rewards order by cause')
  expect(rows).toEqual([{ granted: 100 }, { granted: 100 }, { granted: 50 }])
  const next = paid('customer-0', 'i-5', 500, { at: '2026-06-01T00:00:00Z' })
  expect(await desk.handle(next)).toEqual([{ kind: 'done' }])
})

test('200 consumers at once never give more than the budget, and do not deadlock', async () => {
  const desk = await openProgramme(
    {
      caps: [
        { per: 'rule', interval: 'total', amount: 3_050 },
        { per: 'user', interval: 'day', count: 150 },
      ],
    },
    20,
  )
  // Waiting is all that most of them do here; one that gave up and came back would only wait longer.
  const patience = { lockTimeoutMs: 120_000, statementTimeoutMs: 120_000 }
  const pools = Array.from({ length: 4 }, () =>
    openDatabase({ url: desk.database.url, applicationName: 'tests', poolMax: 8, ...patience }),
  )
  for (const pool of pools) defer(() => pool.destroy())
  const deadlocksBefore = await deadlocks(desk)
  const batches: Envelope[][] = Array.from({ length: 200 }, (_, index) => [
    // Each batch meets many others on its customers, in another order.
    paid(`customer-${index % 20}`, `i-${index}`, 500),
    paid(`customer-${(index * 7 + 3) % 20}`, `j-${index}`, 500),
  ])
  await Promise.all(
    batches.map((batch, index) => patiently(pools[index % pools.length]!, (tx) => desk.handleIn(tx, ...batch))),
  )
  // 30 whole ones, and the 50 that were left for the last.
  expect(await granted(desk)).toEqual({ n: 31, sum: 3_050 })
  expect(await counters(desk)).toEqual([
    { per: 'rule', every: 'total', amount: 3_050, count: 31 },
    { per: 'user', every: 'day', amount: 3_050, count: 31 },
  ])
  expect(await deadlocks(desk)).toBe(deadlocksBefore)
  // 200 transactions one after another take their time where other tests run beside it.
}, 180_000)

/** As a consumer does it: what could not begin in time, or waited too long for its turn, is done again. */
async function patiently(db: Database, run: (tx: Transaction) => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await inTransaction(db, run, { attemptsMax: 20 })
      return
    } catch (error) {
      if (!(error instanceof Error && error.name === 'KnexTimeoutError')) throw error
    }
  }
}

async function deadlocks(desk: Desk): Promise<number> {
  const [row] = await desk.rows<{ n: number }>(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  )
  return row!.n
}

test('what is taken back is there for later events, and not for past ones', async () => {
  const desk = await openProgramme({ caps: [{ per: 'rule', interval: 'total', amount: 100, count: 1 }] })
  await desk.handle(paid('customer-0', 'i-1', 500))
  expect(await desk.handle(paid('customer-0', 'i-2', 500))).toMatchObject([{ reason: 'cap_reached' }])
  // A part of the money comes back; the reward's one place does not, since the reward is still there.
  await desk.handle(refunded('i-1', 'r-1', 250))
  expect(await counters(desk)).toMatchObject([{ amount: 50, count: 1 }])
  expect(await desk.handle(paid('customer-0', 'i-3', 500))).toMatchObject([{ reason: 'cap_reached' }])
  await desk.handle(refunded('i-1', 'r-2', 250))
  expect(await counters(desk)).toMatchObject([{ amount: 0, count: 0 }])
  expect(await granted(desk)).toEqual({ n: 1, sum: 100 })
  expect(await desk.handle(paid('customer-0', 'i-4', 500))).toEqual([{ kind: 'done' }])
  expect(await granted(desk)).toEqual({ n: 2, sum: 200 })
})

test('what fraud takes back is given back to its caps, too', async () => {
  const desk = await openProgramme({ caps: [{ per: 'referral', interval: 'total', count: 1 }] })
  await desk.handle(paid('customer-0', 'i-1', 500))
  const [reward] = await desk.rows<{ id: string }>('select id from rewards')
  await desk.handle(screened(reward!.id, 'failed'))
  expect(await counters(desk)).toMatchObject([{ amount: 0, count: 0 }])
  expect(await desk.handle(paid('customer-0', 'i-2', 500))).toEqual([{ kind: 'done' }])
})

test('what the ledger refused is given back to its caps once, less what a refund had given back', async () => {
  const desk = await openProgramme({ caps: [{ per: 'rule', interval: 'total', amount: 250, count: 2 }] })
  await desk.handle(paid('customer-0', 'i-1', 500), paid('customer-0', 'i-2', 500))
  await desk.handle(refunded('i-1', 'r-1', 250))
  expect(await counters(desk)).toMatchObject([{ amount: 150, count: 2 }])
  const [earned] = await desk.rows<{ id: string }>(
    `select moved.id from reward_transactions moved join rewards on rewards.id = reward_id
     where cause = 'invoice:i-1' and kind = 'earned'`,
  )
  const refusal = () => refusedByLedger(earned!.id, 'conflict')
  await desk.handle(refusal(), refusal())
  expect(await counters(desk)).toMatchObject([{ amount: 100, count: 1 }])
  await desk.handle(refusal())
  await desk.handle(refunded('i-1', 'r-2', 250))
  expect(await counters(desk)).toMatchObject([{ amount: 100, count: 1 }])
  expect(await desk.handle(paid('customer-0', 'i-3', 500))).toEqual([{ kind: 'done' }])
  expect(await counters(desk)).toMatchObject([{ amount: 200, count: 2 }])
})

test('a payment that waited for its registration spends what is left when it is decided', async () => {
  const desk = await openProgramme({ caps: [{ per: 'user', interval: 'total', count: 1 }] })
  await desk.handle(paid('zoe', 'z-1', 500), paid('zoe', 'z-2', 500))
  await desk.handle(registered('zoe', { referralCode: 'ann' }))
  const rows = await desk.rows(
    `select outcome, reason from decisions where revision = 2 and external_user_id = 'zoe' order by event_id`,
  )
  expect(rows).toEqual([
    { outcome: 'processed', reason: null },
    { outcome: 'ignored', reason: 'cap_reached' },
  ])
})

test("a rule's versions share its counters, and a lower cap gives nothing more", async () => {
  const desk = await openProgramme({ caps: [{ per: 'rule', interval: 'total', count: 2 }] })
  await desk.handle(paid('customer-0', 'i-1', 500), paid('customer-0', 'i-2', 500))
  await desk.rows(`update rule_versions set state = 'retired', active_to = '2026-05-01'`)
  await desk.rows(
    `insert into rule_versions (rule_id, version, event_type, definition, counts, state, created_at, created_by, active_from)
     select rule_id, 2, event_type, jsonb_set(definition, '{caps,0,count}', '1'), true, 'active', now(), 'test', '2026-05-01'
     from rule_versions`,
  )
  expect(await desk.handle(paid('customer-0', 'i-3', 500))).toMatchObject([{ reason: 'cap_reached' }])
})

test.each([
  ['more money than a cap', 'used_amount = 251'],
  ['more rewards than a cap', 'used_count = 4'],
  ['less than nothing', 'used_amount = -1'],
])('the database refuses %s', async (_, change) => {
  const desk = await openProgramme({ caps: [{ per: 'rule', interval: 'total', amount: 250, count: 3 }] })
  await desk.handle(paid('customer-0', 'i-1', 500))
  await expect(desk.rows(`update cap_counters set ${change}`)).rejects.toThrow(/cap_counters_stay_below/)
})
