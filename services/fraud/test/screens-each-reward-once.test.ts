import { screeningPassed } from '@tributary/contracts'
import { openDatabase, query } from '@tributary/database'
import { type Context, newPublisher } from '@tributary/messaging'
import { settled, spy, startTestService, testDatabase, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { fraud } from '../src/app.ts'
import { onRewardEarned } from '../src/messages/reward.earned.ts'
import { newScreeningCounter } from '../src/metrics.ts'
import { newEarned, say } from './say-earned.ts'

const context: Context = { now: new Date(), newId: () => v7() }
const all = 'select id, subject, subject_id, revision, decision from screenings'

test('an earned reward is screened, passes, and the answer goes back to its cause', async () => {
  const service = await startTestService('fraud', fraud)
  const heard = await spy(service.broker, 'screening.#')
  const earned = newEarned()
  await say(service.broker, earned)

  const passed = await heard.heard(screeningPassed, { subjectId: earned.data.rewardId })
  const [row, ...others] = await query(service.database.db, all)
  expect(others).toEqual([])
  expect(row).toEqual({
    id: passed.data.screeningId,
    subject: 'reward',
    subject_id: earned.data.rewardId,
    revision: 1,
    decision: 'passed',
  })
  expect(passed.data).toMatchObject({ subject: 'reward', revision: 1 })
  expect(passed.correlationId).toBe(earned.correlationId)
  expect(passed.causationId).toBe(earned.subject)
})

test('told again under new message ids, in the same batch and later, it is not screened again', async () => {
  const service = await startTestService('fraud', fraud)
  const heard = await spy(service.broker, 'screening.#')
  const earned = newEarned()
  const again = () => ({ ...earned, messageId: v7() })
  await say(service.broker, earned, again(), again())
  await heard.heard(screeningPassed, { subjectId: earned.data.rewardId })
  await say(service.broker, again(), newEarned())

  await until('all five to be handled', async () => {
    const rows = await query(service.database.db, 'select message_id from inbox')
    return rows.length === 5
  })
  await settled({ broker: service.broker, databases: { fraud: service.database } })
  expect(await query(service.database.db, all)).toHaveLength(2)
  expect(heard.count(screeningPassed)).toBe(2)
})

test('two processes that screen the same reward at the same moment give one answer', async () => {
  const database = await testDatabase('fraud')
  const db = openDatabase({ url: database.url, applicationName: 'tests', poolMax: 2 })
  onTestFinished(() => db.destroy())
  const consumer = onRewardEarned(newScreeningCounter())
  const earned = newEarned()
  const answers: string[] = []
  const screenIn = async (process: string, beforeCommit: () => Promise<void>) => {
    await db.transaction(async (tx) => {
      const publisher = newPublisher('fraud', context)
      await consumer.handle(tx, [{ ...earned, messageId: v7() }], publisher.publish, context)
      if ((await publisher.flush(tx)) > 0) answers.push(process)
      await beforeCommit()
    })
  }

  let second: Promise<void> | undefined
  await screenIn('first', async () => {
    second = screenIn('second', async () => {})
    // Without a wait the second would find the first one's row and the race would not be run.
    await until('the second to wait for the first', async () => {
      const waiting = await query(database.db, 'select from pg_locks where not granted')
      return waiting.length > 0
    })
  })
  await second
  expect(answers).toEqual(['first'])
  expect(await query(database.db, all)).toHaveLength(1)
})

test('what was screened cannot be changed or removed by the service', async () => {
  const database = await testDatabase('fraud')
  const db = openDatabase({ url: database.url, applicationName: 'tests', poolMax: 1 })
  onTestFinished(() => db.destroy())
  await query(db, `insert into screenings values (?, 'reward', ?, 1, 'passed', now())`, [v7(), v7()])
  for (const sql of [`update screenings set decision = 'held'`, 'delete from screenings', 'truncate screenings']) {
    await expect(query(db, sql), sql).rejects.toThrow('permission denied')
  }
})
