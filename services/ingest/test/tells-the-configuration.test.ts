import { configChanged } from '@tributary/contracts'
import { spy, testBroker, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { get, type Ingest, startIngest } from './sender.ts'

type Config = { version: number; plan: string; eventsPerMonth: number | null; code?: string }

const read = (from: Ingest) => get<Config>(from, '/api/v1/system-config')
const change = (of: Ingest, body: object) =>
  get<Config>(of, '/api/v1/system-config', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

it('at the first start the plan is the one that was asked for, and everyone is told', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({ INITIAL_PLAN: 'growth' }, { broker })
  const { data } = await heard.heard(configChanged, { version: 1 })
  expect(data).toMatchObject({ plan: 'growth', eventsPerMonth: 100_000 })
  expect((await read(ingest)).body).toMatchObject({ version: 1, plan: 'growth', eventsPerMonth: 100_000 })
  // Its variable counts no more.
  const second = await startIngest({ INITIAL_PLAN: 'free' }, { broker, database: ingest.database })
  expect((await read(second)).body).toMatchObject({ version: 1, plan: 'growth' })
})

it('every change is told as it was made, and what changes nothing is not', async () => {
  const broker = await testBroker()
  const heard = await spy(broker)
  const ingest = await startIngest({ INITIAL_PLAN: 'free' }, { broker })
  await heard.heard(configChanged, { version: 1 })
  await change(ingest, { enterpriseEventsPerMonth: 5_000_000 })
  expect((await heard.heard(configChanged, { version: 2 })).data).toMatchObject({ eventsPerMonth: 10_000 })
  await change(ingest, { plan: 'enterprise' })
  const told = await heard.heard(configChanged, { version: 3 })
  expect(told.data).toMatchObject({ plan: 'enterprise', eventsPerMonth: 5_000_000 })
  expect((await change(ingest, { plan: 'enterprise' })).body.version).toBe(3)
  await get(ingest, '/api/v1/system-config/webhook-secret/rotate', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  await heard.heard(configChanged, { version: 4, plan: 'enterprise' })
  const said = heard.all().filter(({ type }) => type === configChanged.type)
  expect([...new Set(said.map(({ data }) => data.version))]).toEqual([1, 2, 3, 4])
  // No secret is said, under whatever name.
  expect(JSON.stringify(said)).not.toMatch(/whsec_|[A-Za-z0-9+/]{43}=/)
})

it('of two changes at the same time none is lost', async () => {
  const ingest = await startIngest({ INITIAL_PLAN: 'free' }, { amqpUrl: 'amqp://127.0.0.1:1' })
  await read(ingest)
  await Promise.all([
    change(ingest, { plan: 'enterprise' }),
    change(ingest, { enterpriseEventsPerMonth: 77 }),
    ...Array.from({ length: 6 }, () => change(ingest, { plan: 'enterprise' })),
  ])
  expect((await read(ingest)).body).toMatchObject({ version: 3, plan: 'enterprise', eventsPerMonth: 77 })
})

it('a change that was meant for another version is refused, of many at once all but one', async () => {
  const ingest = await startIngest({ INITIAL_PLAN: 'free' }, { amqpUrl: 'amqp://127.0.0.1:1' })
  const { version } = (await read(ingest)).body
  const plans = ['growth', 'pro', 'enterprise', 'growth', 'pro', 'enterprise']
  const answers = await Promise.all(plans.map((plan) => change(ingest, { version, plan })))
  const codes = answers.map(({ status, body }) => `${status} ${body.code ?? ''}`)
  expect(codes.toSorted()).toEqual(['200 ', ...Array(5).fill('409 config_version_conflict')])
  await until('one change', async () => (await read(ingest)).body.version === version + 1)
})

it.each([
  { plan: 'gold' },
  { enterpriseEventsPerMonth: -1 },
  { enterpriseEventsPerMonth: 1.5 },
  { webhookSecret: 'x' },
])('a change to %j is refused', async (wrong) => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  expect((await change(ingest, wrong)).status).toBe(422)
})
