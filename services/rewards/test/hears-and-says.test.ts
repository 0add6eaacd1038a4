import {
  decisionRecorded,
  type EventDefinition,
  rewardEarned,
  rewardReleased,
  screeningPassed,
  subscriptionPaid,
  userRegistered,
} from '@tributary/contracts'
import { exchanges } from '@tributary/messaging'
import { spy } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'

/** Says an event as another service would. */
async function say(counter: Counter, source: string, event: EventDefinition, data: unknown): Promise<string> {
  const id = v7()
  const channel = await counter.service.broker.channel()
  channel.publish(exchanges.events, event.type, Buffer.from(JSON.stringify(data)), {
    messageId: id,
    type: event.type,
    contentType: 'application/json',
    persistent: true,
    headers: {
      cloudEvents_specversion: '1.0',
      cloudEvents_id: id,
      cloudEvents_source: `/tributary/${source}`,
      cloudEvents_type: event.type,
      cloudEvents_time: new Date().toISOString(),
      cloudEvents_subject: id,
      correlationid: id,
      causationid: id,
    },
  })
  return id
}

test('from the events of a registration and a payment to a released reward, over the broker', async () => {
  const counter = await openCounter()
  const heard = await spy(counter.service.broker)
  const { body: ann } = await counter.ask('POST', '/api/v1/users', { externalId: 'ann', email: 'ann@example.com' })
  const { body: code } = await counter.ask('POST', `/api/v1/users/${ann.id}/referral-codes`, {})
  const { body: rule } = await counter.ask('POST', '/api/v1/reward-rules', {
    name: '20%',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 2000 },
  })
  await counter.ask('POST', `/api/v1/reward-rules/${rule.id}/activate`, { version: 1 })

  await say(counter, 'ingest', userRegistered, { externalUserId: 'bob', referralCode: code.code })
  const paidId = await say(counter, 'ingest', subscriptionPaid, {
    externalUserId: 'bob',
    invoiceId: 'inv-1',
    subscriptionId: 'sub-1',
    amount: 4900,
    currency: 'USD',
  })
  const earned = await heard.heard(rewardEarned, { userId: ann.id })
  expect(earned).toMatchObject({ correlationId: paidId, data: { amount: 980n } })
  await heard.heard(decisionRecorded, { eventId: paidId, outcome: 'processed' })
  await say(counter, 'fraud', screeningPassed, {
    screeningId: v7(),
    subject: 'reward',
    subjectId: earned.data.rewardId,
    revision: 1,
  })
  const released = await heard.heard(rewardReleased, { rewardId: earned.data.rewardId })
  expect(released).toMatchObject({ correlationId: paidId, data: { amount: 980n } })
  expect((await counter.ask('GET', `/api/v1/rewards/${earned.data.rewardId}`)).body.status).toBe('available')

  const metrics = await (await fetch(counter.service.metricsUrl)).text()
  expect(metrics).toMatch(/tributary_rewards_decided_total\{outcome="processed"\} 2/)
  expect(metrics).toMatch(/tributary_rewards_decided_total\{outcome="ignored"\} 0/)
})
