import { expect, test } from 'vitest'
import { type Desk, openDesk, paid, registered, screened, seedReferrer, seedRule } from './desk.ts'

async function earn(desk: Desk, count: number, holdingDays = 0): Promise<string[]> {
  await seedReferrer(desk)
  await seedRule(desk, { holdingDays })
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-05-01T00:00:00Z' }))
  await desk.handle(
    ...Array.from({ length: count }, (_, index) => paid('bob', `inv-${index}`, 1000, { at: '2026-05-20T00:00:00Z' })),
  )
  return (await desk.said('reward.earned')).map(({ data }) => data.rewardId as string)
}

test('a reward is released once it is due, has passed its screening, and is not held', async () => {
  const desk = await openDesk()
  const [passed, held, unscreened, cleared, failed] = (await earn(desk, 5, 14)) as [
    string,
    string,
    string,
    string,
    string,
  ]
  await desk.handle(screened(passed, 'passed'))
  await desk.handle(screened(held, 'passed'))
  await desk.handle(screened(held, 'held', 2), screened(cleared, 'held'))
  await desk.handle(screened(held, 'passed'), screened(cleared, 'passed', 2), screened(failed, 'passed'))
  await desk.handle(screened(failed, 'failed', 2))

  desk.setNow(new Date('2026-06-02T23:59:59Z'))
  await desk.work('release-matured-rewards')
  expect(await desk.said('reward.released')).toEqual([])

  desk.setNow(new Date('2026-06-03T00:00:00Z'))
  await desk.work('release-matured-rewards')
  const released = await desk.said('reward.released')
  expect(new Set(released.map(({ data }) => data.rewardId))).toEqual(new Set([passed, cleared]))
  expect(released).toHaveLength(2)
  const [{ event_id: eventId }] = (await desk.rows(
    'select event_id from rewards where id = ?',
    released[0]!.data.rewardId,
  )) as [{ event_id: string }]
  expect(released[0]).toMatchObject({
    correlationId: eventId,
    time: desk.now(),
    data: { amount: 200, currency: 'USD' },
  })

  await desk.work('release-matured-rewards')
  expect(await desk.said('reward.released')).toHaveLength(2)
  expect((await desk.said('reward.reversed')).map(({ data }) => [data.rewardId, data.amount, data.reason])).toEqual([
    [failed, 200, 'screening_failed'],
  ])
  expect(await desk.rows('select screening from rewards where id = ?', unscreened)).toEqual([{ screening: 'waiting' }])
})

test('a screening of an unknown reward is tried again; one that came late or is about something else changes nothing', async () => {
  const desk = await openDesk()
  const [reward] = (await earn(desk, 1)) as [string]
  const unknown = screened('01900000-0000-7000-8000-000000000000', 'passed')
  expect(await desk.handle(unknown)).toEqual([{ kind: 'not_yet', reason: 'reward_unknown' }])
  await desk.handle(screened(reward, 'held', 3))
  expect(await desk.handle(screened(reward, 'passed', 2))).toEqual([{ kind: 'ignored', reason: 'screening_outdated' }])
  const cashout = screened(reward, 'passed', 4)
  Object.assign(cashout.data as object, { subject: 'cashout' })
  expect(await desk.handle(cashout)).toEqual([{ kind: 'ignored', reason: 'not_about_a_reward' }])
  expect(await desk.rows('select screening, reversed::int from rewards')).toEqual([{ screening: 'held', reversed: 0 }])
})

test('several processes release each reward once', async () => {
  const desk = await openDesk()
  const ids = await earn(desk, 900)
  await desk.handle(...ids.map((id) => screened(id, 'passed')))
  const process = async () => {
    while (await desk.work('release-matured-rewards'));
  }
  await Promise.all([process(), process(), process()])
  await process()
  const released = (await desk.said('reward.released')).map(({ data }) => data.rewardId as string)
  expect(released.sort()).toEqual(ids.sort())
})
