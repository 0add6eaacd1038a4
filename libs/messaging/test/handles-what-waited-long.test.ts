import { query } from '@tributary/database'
import { testBroker, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { handled, message, parked, payload, recording, recordingDatabase, startRig } from './rig.ts'

const DAY_MS = 86_400_000
const daysAgo = (days: number) => v7({ msecs: Date.now() - days * DAY_MS })

it.each([20, 34.9])('a message of %s days ago, whose day the inbox was never prepared for, once', async (days) => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const channel = await broker.channel()
  const old = message({ messageId: daysAgo(days) })
  const fresh = message()
  for (const one of [old, old, fresh]) channel.publish('', 'tributary.fraud', payload('any'), one)
  await startRig('fraud', broker, [recording()], { database })
  await until('both', async () => (await handled(database)).subjects.size === 2)
  expect(await handled(database)).toMatchObject({ times: 2 })
  expect(await parked(database)).toEqual([])
})

it('what finds no partition in a table of its handler: waits for it, and nobody is parked', async () => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  await query(database.db, 'create table months (month int not null) partition by range (month)')
  await query(database.db, 'grant insert on months to public')
  const fill = () => query(database.db, 'insert into months values (1)').then(() => {})
  const channel = await broker.channel()
  channel.publish('', 'tributary.fraud', payload('any'), message())
  await startRig('fraud', broker, [recording(undefined, fill)], { database })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(await handled(database)).toMatchObject({ times: 0 })
  await query(database.db, 'create table months_1 partition of months for values from (0) to (12)')
  await until('it', async () => (await handled(database)).times === 1)
  expect(await parked(database)).toEqual([])
})
