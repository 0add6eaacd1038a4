import { serviceProcess, testBroker, testDatabase, testEnvironment, until } from '@tributary/testing'
import { expect, test } from 'vitest'
import { openDesk, paid, registered, screened, seedReferrer, seedRule } from './desk.ts'

const REWARDS = 4_000
const HELD = 20

test('replicas that are killed while they release leave each reward released once, and what is held alone', async () => {
  const [database, broker] = await Promise.all([testDatabase('rewards'), testBroker()])
  const desk = await openDesk(database)
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  for (let from = 0; from < REWARDS; from += 500) {
    await desk.handle(...Array.from({ length: 500 }, (_, index) => paid('bob', `inv-${from + index}`, 1000)))
  }
  const ids = (await desk.rows<{ id: string }>('select id from rewards order by id')).map(({ id }) => id)
  const environment = {
    ...(await testEnvironment(database.url, broker.urls.rewards)),
    REWARDS_RELEASE_EVERY_MS: '100',
  }
  const replicas = await Promise.all([serviceProcess('rewards', environment), serviceProcess('rewards', environment)])
  const released = async () => {
    const [row] = await desk.rows<{ n: number }>('select count(*)::int as n from rewards where released_at is not null')
    return row!.n
  }
  await Promise.all(replicas.map((replica) => replica.start()))
  await desk.handle(...ids.slice(0, HELD).map((id) => screened(id, 'held', 2)))
  await desk.handle(...ids.map((id) => screened(id, 'passed')))
  await until('some to be released', async () => (await released()) > 0)
  await Promise.all(replicas.map((replica) => replica.kill()))
  expect(await released()).toBeLessThan(REWARDS - HELD)

  await Promise.all(replicas.map((replica) => replica.start()))
  await until('all to be released', async () => (await released()) === REWARDS - HELD)

  const once = await desk.rows<{ id: string; n: number }>(
    `select reward_id as id, count(*)::int as n from reward_transactions where kind = 'released' group by reward_id`,
  )
  expect(new Set(once.map(({ n }) => n))).toEqual(new Set([1]))
  const told = (await desk.said('reward.released')).map(({ data }) => data.rewardId as string)
  expect(told.sort()).toEqual(ids.slice(HELD).sort())
  expect(once.map(({ id }) => id).sort()).toEqual(ids.slice(HELD).sort())

  await desk.handle(...ids.slice(0, HELD).map((id) => screened(id, 'passed', 3)))
  await until('the rest to be released as soon as nobody holds it', async () => (await released()) === REWARDS)
})
