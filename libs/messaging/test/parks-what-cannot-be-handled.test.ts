import { inTransaction, query } from '@tributary/database'
import { settled, spy, testBroker, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { discardParked, done, listParked, notYet, rejected, replayParked } from '../src/index.ts'
import { handled, message, parked, payload, recording, recordingDatabase, startRig } from './rig.ts'

const context = { now: new Date(), newId: () => v7() }

describe('alone, while its batch survives,', () => {
  it.each([
    ['a payload that is no JSON', Buffer.from('{"amount"'), {}, /not JSON/],
    ['a payload of another shape', Buffer.from('{"amount":-1}'), {}, /not valid: \/amount|not valid: \/rewardId/],
    ['an envelope without ids', payload('x'), { headers: { correlationid: 'nobody' } }, /must be UUIDs/],
    [
      'a message from before the inbox remembers',
      payload('x'),
      { messageId: '01800000-0000-7000-8000-000000000000' },
      /outside_dedupe_window/,
    ],
    ['what a handler rejects', payload('bad'), {}, /bad_cause/],
  ])('%s', async (_, content, changes, reason) => {
    const broker = await testBroker()
    const database = await recordingDatabase('fraud')
    const channel = await broker.channel()
    for (let i = 0; i < 5; i++) channel.publish('', 'tributary.fraud', payload('good'), message())
    channel.publish('', 'tributary.fraud', content, message(changes))
    for (let i = 0; i < 5; i++) channel.publish('', 'tributary.fraud', payload('good'), message())
    const decide = (cause: string) => (cause === 'bad' ? rejected('bad_cause') : done())
    await startRig('fraud', broker, [recording(decide)], { database })
    await until('the others', async () => (await handled(database)).times === 10)
    await until('it to be parked', async () => (await parked(database)).length > 0)
    expect(await parked(database)).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(reason), status: 'parked' }),
    ])
  })
})

it('with what the database said as its reason, and not with our statement', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  await query(database.db, 'alter table handled add constraint handled_takes_nothing check (subject is null)')
  const rewards = await startRig('rewards', broker)
  await startRig('fraud', broker, [recording()], { database })
  await rewards.say(['any'])
  await until('it to be parked', async () => (await parked(database)).length === 1)
  expect(await parked(database)).toMatchObject([
    { reason: 'error: new row for relation "handled" violates check constraint "handled_takes_nothing"' },
  ])
})

it('and says so to whoever asked for it', async () => {
  const broker = await testBroker()
  const ears = await spy(broker, 'fraud.parked')
  const database = await recordingDatabase('fraud')
  const rewards = await startRig('rewards', broker)
  await startRig('fraud', broker, [recording(() => rejected('never'))], { database })
  const [subject] = await rewards.say(['any'])
  await until('the word', () => ears.all().length === 1)
  expect(ears.all()[0]).toMatchObject({ correlationId: subject, data: { service: 'fraud', subject, reason: 'never' } })
})

it('what a handler cannot bear: halves the batch until it is alone, and tries that one later', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const rewards = await startRig('rewards', broker)
  let isFixed = false
  const consumer = recording(done, (causes) => {
    if (!isFixed && causes.includes('boom')) throw new Error('no plan for this')
  })
  await startRig('fraud', broker, [consumer], { database })
  await rewards.say([...Array.from({ length: 60 }, () => 'good'), 'boom', ...Array.from({ length: 60 }, () => 'good')])
  await until('the innocent ones', async () => (await handled(database)).times === 120)
  const channel = await broker.channel()
  await until('the culprit to wait', async () => (await channel.checkQueue('tributary.delay.5s')).messageCount === 1)
  isFixed = true
  await settled({ broker, databases: { rewards: rewards.database, fraud: database } })
  expect((await handled(database)).times).toBe(121)
})

it('what is not yet possible after the last attempt', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const channel = await broker.channel()
  channel.publish('', 'tributary.fraud', payload('early'), message({ headers: { 'tributary-attempt': 6 } }))
  channel.publish('', 'tributary.fraud', payload('early'), message({ headers: { 'tributary-attempt': 4 } }))
  await startRig('fraud', broker, [recording(() => notYet('too early'))], { database })
  await until('one to be parked', async () => (await parked(database)).length === 1)
  expect(await parked(database)).toMatchObject([{ reason: 'too early', attempts: 6 }])
  await until('one to wait', async () => (await channel.checkQueue('tributary.delay.10m')).messageCount === 1)
  // It must be able to come again: nothing of it is remembered.
  expect(await query(database.db, 'select from inbox')).toHaveLength(1)
})

it('what killed its consumer too often', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const channel = await broker.channel()
  channel.publish('tributary.dead', 'tributary.fraud', payload('deadly'), message())
  await startRig('fraud', broker, [recording()], { database })
  await until('it to be parked', async () => (await parked(database)).length === 1)
  expect(await parked(database)).toMatchObject([{ reason: expect.stringMatching(/too often/) }])
  expect((await handled(database)).times).toBe(0)
})

it('and a person replays it after the fix, once, or gives it up', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const rewards = await startRig('rewards', broker)
  let isFixed = false
  await startRig('fraud', broker, [recording(() => (isFixed ? done() : rejected('bug')))], { database })
  const said = await rewards.say(['a', 'b'])
  const watched = { broker, databases: { rewards: rewards.database, fraud: database } }
  await settled(watched, { parked: 2 })
  isFixed = true
  const [first, second] = await listParked(database.db, { status: 'parked', limit: 10 })
  const replay = (id: string) => inTransaction(database.db, (tx) => replayParked(tx, 'fraud', id, 'ann', context))
  const discard = (id: string) => inTransaction(database.db, (tx) => discardParked(tx, id, 'ann', 'test data', context))
  expect(await replay(first!.id)).toBe('settled')
  expect(await replay(first!.id)).toBe('already_settled')
  expect(await discard(second!.id)).toBe('settled')
  expect(await discard(second!.id)).toBe('already_settled')
  expect(await replay(v7())).toBe('unknown')
  await settled(watched)
  const { times, subjects } = await handled(database)
  expect(times).toBe(1)
  expect(said).toEqual(expect.arrayContaining([...subjects]))
})

it('but a message whose envelope could not be read cannot be replayed', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const channel = await broker.channel()
  channel.publish('', 'tributary.fraud', payload('x'), { type: 'reward.earned' })
  await startRig('fraud', broker, [recording()], { database })
  await until('it to be parked', async () => (await parked(database)).length === 1)
  const [one] = await parked(database)
  const replayed = await inTransaction(database.db, (tx) => replayParked(tx, 'fraud', one!.id, 'ann', context))
  expect(replayed).toBe('not_replayable')
})
