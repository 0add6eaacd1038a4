import { cutLine, settled, testBroker, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { handled, recording, recordingDatabase, startRig } from './rig.ts'

it.each(['cut', 'frozen'] as const)('when the line is %s', async (way) => {
  const broker = await testBroker()
  const database = await recordingDatabase('fraud')
  const rewards = await startRig('rewards', broker)
  const line = await cutLine(database.url)
  await startRig('fraud', broker, [recording()], { database, databaseUrl: line.url })
  await rewards.say(['before'])
  await until('the first', async () => (await handled(database)).times === 1)
  if (way === 'cut') line.cut()
  else line.freeze()
  const channel = await broker.channel()
  await rewards.say(['a', 'b', 'c'])
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  // They wait where they were: neither delayed nor parked.
  expect((await channel.checkQueue('tributary.delay.5s')).messageCount).toBe(0)
  expect((await handled(database)).times).toBe(1)
  line.mend()
  await settled({ broker, databases: { rewards: rewards.database, fraud: database } })
  expect((await handled(database)).times).toBe(4)
})
