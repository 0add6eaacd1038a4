import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { query } from '@tributary/database'
import { configShape, ingest } from '@tributary/ingest'
import { rewards } from '@tributary/rewards'
import { newWebhookSecret, sendWebhook, startTestService, testBroker, tokenFor, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import type { LocalStack } from '../src/stack/client.ts'
import { estimate } from '../src/stack/replay-estimate.ts'

it('adds up what rewards would give for the events that nobody decided, and says of how many it cannot tell', async () => {
  const broker = await testBroker()
  const secret = newWebhookSecret()
  const services = {
    ingest: await startTestService('ingest', ingest, {
      broker,
      own: configShape.parse({
        WEBHOOK_SECRET: secret,
        SECRETS_KEY: randomBytes(32).toString('base64'),
        INGEST_SIGNING_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }),
      }),
    }),
    rewards: await startTestService('rewards', rewards, { broker, own: { REWARDS_RELEASE_EVERY_MS: 60_000 } }),
  }
  const token = await tokenFor(['webhooks:read', 'rules:read', 'rules:write', 'users:write'])
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await services.rewards.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(response.status).toBeLessThan(300)
    return (await response.json()) as { id: string; version: number; code: string }
  }
  const rule = {
    name: 'A fifth',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 2_000 },
  }
  const { id, version } = await post('/api/v1/reward-rules', rule)
  await post(`/api/v1/reward-rules/${id}/activate`, { version })
  const bob = await post('/api/v1/users', { externalId: 'bob', email: 'bob@example.com' })
  const { code } = await post(`/api/v1/users/${bob.id}/referral-codes`, {})
  const send = (type: string, data: Record<string, unknown>) =>
    sendWebhook(services.ingest.url, secret, { type, data }, services.ingest.clock.now())
  await send('user.registered', { externalUserId: 'ann', email: 'ann@example.com', referralCode: code })
  const money = { externalUserId: 'ann', subscriptionId: 's', currency: 'USD' }
  await send('subscription.paid', { ...money, invoiceId: 'i1', amount: 10_000 })
  await send('subscription.paid', { ...money, invoiceId: 'i2', amount: 5_000 })
  await send('subscription.paid', { ...money, invoiceId: 'i3', amount: 9_000 })
  await send('payment.refunded', { invoiceId: 'i1', refundId: 'r1', amount: 1, currency: 'USD' })
  await send('course.completed', { externalUserId: 'ann' })
  const events = services.ingest.database.db
  await until('all to be decided', async () => (await query(events, 'select from event_statuses')).length === 6)
  // As if a queue had been purged, before anybody heard of these.
  await query(
    events,
    `delete from event_statuses s using webhook_events e
     where e.event_id = s.event_id and convert_from(e.body, 'UTF8') !~ 'i3|referralCode'`,
  )
  const stack = { url: (name: 'ingest' | 'rewards') => services[name].url } as LocalStack
  const range = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
  expect(await estimate(stack, token, range)).toEqual({
    asked: 4,
    earning: 2,
    sums: new Map([['USD', 3_000n]]),
    notEstimated: 1,
  })
  const payments = await estimate(stack, token, { ...range, type: 'subscription.paid', status: 'processed' })
  expect(payments.asked).toBe(0)
}, 60_000)
