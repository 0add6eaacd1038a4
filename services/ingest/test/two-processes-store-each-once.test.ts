import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { query } from '@tributary/database'
import { serviceProcess, spy, testBroker, testDatabase, testEnvironment, until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { paid, sealingKey, signingKey, signWebhook, webhook } from './sender.ts'

const IDS = 1_000
const CONNECTIONS = 64

type Delivery = Readonly<{ id: string; body: string }>
type Answer = Readonly<{ status: number; body: { eventId: string; duplicate?: boolean; code?: string } }>

/** Each id twice with the same body, and one in ten once more with another one; neighbours meet at the same time. */
function deliveries(): Delivery[] {
  const ids = Array.from({ length: IDS }, () => `msg_${randomUUID()}`)
  const all = ids.flatMap((id, index) => {
    const delivery = { id, body: webhook({ ...paid, invoiceId: `in_${index}` }) }
    const other = { id, body: webhook({ ...paid, invoiceId: `other_${index}` }) }
    return index % 10 === 0 ? [delivery, delivery, other] : [delivery, delivery]
  })
  // Half of the duplicates come at once, on another connection; the others when the first was answered long ago.
  const late = all.filter((_, index) => index % 4 === 3)
  return [...all.filter((_, index) => index % 4 !== 3), ...late]
}

function post(url: string, agent: Agent, secret: string, { id, body }: Delivery): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...signWebhook(secret, id, new Date(), body) }
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1/webhooks/events`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

it('2 processes on 64 connections, half of it duplicates: one event for each id, and every answer is right', async () => {
  const [database, broker] = await Promise.all([testDatabase('ingest'), testBroker()])
  const heard = await spy(broker, 'subscription.paid')
  const secret = newSecret()
  const environment = {
    ...(await testEnvironment(database.url, broker.urls.ingest)),
    WEBHOOK_SECRET: secret,
    SECRETS_KEY: sealingKey,
    INGEST_SIGNING_KEY: signingKey,
    INITIAL_PLAN: 'enterprise',
  }
  const processes = await Promise.all([serviceProcess('ingest', environment), serviceProcess('ingest', environment)])
  await Promise.all(processes.map((process) => process.start()))

  const waiting = deliveries()
  const sent = waiting.length
  const answers: { delivery: Delivery; answer: Answer }[] = []
  const agents = processes.map(() => new Agent({ keepAlive: true, maxSockets: CONNECTIONS / 2 }))
  const connection = async (index: number) => {
    const [url, agent] = [processes[index % 2]!.url, agents[index % 2]!]
    for (let delivery = waiting.shift(); delivery; delivery = waiting.shift()) {
      answers.push({ delivery, answer: await post(url, agent, secret, delivery) })
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => connection(index)))
  for (const agent of agents) agent.destroy()

  expect(answers).toHaveLength(sent)
  const stored = await query<{ id: string; eventId: string; body: Buffer }>(
    database.db,
    'select webhook_id as id, event_id as "eventId", body from webhook_events',
  )
  expect(stored).toHaveLength(IDS)
  const wrong = stored.flatMap(({ id, eventId, body }) => {
    const own = answers.filter((one) => one.delivery.id === id)
    const same = own.filter((one) => one.delivery.body === body.toString()).map((one) => one.answer)
    const others = own.filter((one) => one.delivery.body !== body.toString()).map((one) => one.answer)
    const isRight =
      same.length > 0 &&
      same.every((answer) => answer.status === 202 && answer.body.eventId === eventId) &&
      same.filter((answer) => answer.body.duplicate === false).length === 1 &&
      others.every((answer) => answer.status === 409 && answer.body.code === 'idempotency_conflict')
    return isRight ? [] : [{ id, eventId, own }]
  })
  expect(wrong).toEqual([])
  // What was stored once is also said once.
  await until('every event to be published', () => heard.all().length >= IDS)
  expect(
    heard
      .all()
      .map((event) => event.subject)
      .toSorted(),
  ).toEqual(stored.map((one) => one.eventId).toSorted())
})
