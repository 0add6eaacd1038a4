import { expect, test } from 'vitest'
import { type Desk, openDesk, paid, registered, screened, seedReferrer, seedRule } from './desk.ts'

async function earn(desk: Desk): Promise<string> {
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  return (await desk.said('reward.earned'))[0]!.data.rewardId as string
}

const toldOf = async (desk: Desk) =>
  (await desk.said('reward.%'))
    .filter(({ type }) => ['reward.held', 'reward.resumed', 'reward.released'].includes(type))
    .map(({ type, data }) => [type, data.amount, data.sequence])

test("fraud's hold is told when it is placed and when it is lifted, in any order of the answers", async () => {
  const desk = await openDesk()
  const reward = await earn(desk)
  await desk.handle(screened(reward, 'held', 2), screened(reward, 'held', 1))
  await desk.work('release-matured-rewards')
  await desk.handle(screened(reward, 'held', 2))
  expect(await toldOf(desk)).toEqual([['reward.held', 200, 1]])
  await desk.handle(screened(reward, 'passed', 4))
  await desk.handle(screened(reward, 'held', 3))
  await desk.work('release-matured-rewards')
  expect(await toldOf(desk)).toEqual([
    ['reward.held', 200, 1],
    ['reward.resumed', 200, 2],
    ['reward.released', 200, undefined],
  ])
  expect(await desk.rows('select kind, amount::int, reason from reward_transactions order by id')).toMatchObject([
    { kind: 'earned' },
    { kind: 'held', amount: 200, reason: 'screening_held' },
    { kind: 'resumed', amount: 200, reason: 'screening_passed' },
    { kind: 'released' },
  ])
  expect(
    await desk.rows('select holder, action, transaction_id is not null as told from reward_holds order by id'),
  ).toEqual([
    { holder: 'fraud', action: 'placed', told: true },
    { holder: 'fraud', action: 'lifted', told: true },
  ])
})

test('a released reward is held too, and released no second time when it is resumed', async () => {
  const desk = await openDesk()
  const reward = await earn(desk)
  await desk.handle(screened(reward, 'passed'))
  await desk.work('release-matured-rewards')
  await desk.handle(screened(reward, 'held', 2))
  await desk.handle(screened(reward, 'passed', 3))
  await desk.work('release-matured-rewards')
  expect(await toldOf(desk)).toEqual([
    ['reward.released', 200, undefined],
    ['reward.held', 200, 1],
    ['reward.resumed', 200, 2],
  ])
})

test('a reward that fails while it is held is taken back, and not told to be free', async () => {
  const desk = await openDesk()
  const reward = await earn(desk)
  await desk.handle(screened(reward, 'held', 1))
  await desk.handle(screened(reward, 'failed', 2))
  await desk.handle(screened(reward, 'held', 3))
  await desk.handle(screened(reward, 'passed', 4))
  expect(await toldOf(desk)).toEqual([['reward.held', 200, 1]])
  expect((await desk.said('reward.reversed')).map(({ data }) => data.amount)).toEqual([200])
})

test('of several changes in one batch each is kept, and the last one stands', async () => {
  const desk = await openDesk()
  const reward = await earn(desk)
  await desk.handle(screened(reward, 'held', 1))
  await desk.handle(screened(reward, 'passed', 2))
  await desk.handle(screened(reward, 'held', 3), screened(reward, 'held', 4))
  expect(await desk.rows('select holds, hold_sequence as sequence from rewards')).toEqual([
    { holds: ['fraud'], sequence: 3 },
  ])
})

test('what is held and resumed is tallied with its day', async () => {
  const desk = await openDesk()
  const reward = await earn(desk)
  await desk.handle(screened(reward, 'held', 1))
  await desk.handle(screened(reward, 'passed', 2))
  desk.setNow(new Date(Date.now() + 2 * 86_400_000))
  while (await desk.work('tally-transactions'));
  const lines = (await desk.said('reward.tallied')).flatMap(({ data }) => data.lines as object[])
  expect(lines).toEqual([
    { kind: 'earned', currency: 'USD', count: 1, amount: 200 },
    { kind: 'held', currency: 'USD', count: 1, amount: 200 },
    { kind: 'resumed', currency: 'USD', count: 1, amount: 200 },
  ])
})
