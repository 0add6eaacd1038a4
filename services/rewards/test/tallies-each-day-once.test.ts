import { AMOUNT_MAX } from '@tributary/money'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { type Desk, openDesk } from './desk.ts'

type Moved = Readonly<{ at: string; kind?: string; amount?: bigint; currency?: string }>

/** A transaction whose id was minted at an instant, of a reward of its own. */
async function move(desk: Desk, { at, kind = 'earned', amount = 100n, currency = 'USD' }: Moved): Promise<void> {
  const rewardId = v7()
  await desk.rows(
    `insert into rewards (id, rule_id, rule_version, cause, beneficiary, user_id, referral_id, event_id, currency, granted,
       due_at, earned_at, recorded_at)
     values (?, ?, 1, ?, 'referrer', ?, ?, ?, ?, ?, now(), now(), now())`,
    ...[rewardId, v7(), rewardId, v7(), v7(), v7(), currency, amount],
  )
  await desk.rows(
    `insert into reward_transactions (reward_id, id, kind, amount, event_id, effective_at, recorded_at)
     values (?, ?, ?, ?, ?, now(), now())`,
    ...[rewardId, v7({ msecs: Date.parse(at) }), kind, amount, v7()],
  )
}

const told = async (desk: Desk) => (await desk.said('reward.tallied')).map(({ data: { day, lines } }) => [day, lines])

async function workAll(desk: Desk): Promise<void> {
  while (await desk.work('tally-transactions'));
}

test('every day that has ended is told once, also those on which nothing happened', async () => {
  const desk = await openDesk()
  await move(desk, { at: '2026-05-28T00:00:00.000Z' })
  await move(desk, { at: '2026-05-28T23:59:59.999Z', amount: 1n })
  await move(desk, { at: '2026-05-28T12:00:00.000Z', kind: 'reversed', amount: 7n })
  await move(desk, { at: '2026-05-30T00:00:00.000Z', currency: 'EUR' })
  await move(desk, { at: '2026-06-01T00:00:00.000Z' })
  await workAll(desk)
  expect(await told(desk)).toEqual([
    [
      '2026-05-28',
      [
        { kind: 'earned', currency: 'USD', count: 2, amount: 101 },
        { kind: 'reversed', currency: 'USD', count: 1, amount: 7 },
      ],
    ],
    ['2026-05-29', []],
    ['2026-05-30', [{ kind: 'earned', currency: 'EUR', count: 1, amount: 100 }]],
    ['2026-05-31', []],
  ])
})

test('a day waits for what was begun in its last moments', async () => {
  const desk = await openDesk()
  await move(desk, { at: '2026-06-01T23:59:59.999Z' })
  desk.setNow(new Date('2026-06-02T00:09:59Z'))
  await workAll(desk)
  expect(await told(desk)).toEqual([])
  desk.setNow(new Date('2026-06-02T00:10:00Z'))
  await workAll(desk)
  expect(await told(desk)).toEqual([['2026-06-01', [{ kind: 'earned', currency: 'USD', count: 1, amount: 100 }]]])
})

test('where nothing has ever happened, that is told from yesterday on', async () => {
  const desk = await openDesk()
  await workAll(desk)
  desk.setNow(new Date('2026-06-03T12:00:00Z'))
  await workAll(desk)
  expect(await told(desk)).toEqual([
    ['2026-05-31', []],
    ['2026-06-01', []],
    ['2026-06-02', []],
  ])
})

test('several processes tell each day once, in order', async () => {
  const desk = await openDesk()
  await move(desk, { at: '2026-01-01T12:00:00.000Z' })
  await Promise.all([workAll(desk), workAll(desk), workAll(desk)])
  await workAll(desk)
  const days = (await told(desk)).map(([day]) => day as string)
  expect([days.length, days[0], days.at(-1)]).toEqual([151, '2026-01-01', '2026-05-31'])
  expect([...new Set(days)].sort()).toEqual(days)
})

test('a sum that no number on the wire holds is told in parts', async () => {
  const desk = await openDesk()
  for (let count = 0; count < 3; count++) await move(desk, { at: '2026-05-31T12:00:00.000Z', amount: AMOUNT_MAX })
  await workAll(desk)
  const most = { kind: 'earned', currency: 'USD', count: 1, amount: Number(AMOUNT_MAX) }
  expect(await told(desk)).toEqual([['2026-05-31', [most, most, most]]])
})
