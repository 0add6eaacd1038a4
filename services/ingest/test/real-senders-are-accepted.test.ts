import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { beforeAll, describe, expect, it } from 'vitest'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { type Answer, countRows, type Ingest, newId, paid, startIngest, webhook } from './sender.ts'

let ingest: Ingest
beforeAll(async () => {
  ingest = await startIngest()
})

const clients = [
  ['standardwebhooks', (secret: string) => new StandardWebhook(secret), 'webhook'],
  ['svix', (secret: string) => new SvixWebhook(secret), 'svix'],
  ['svix under the standard’s names', (secret: string) => new SvixWebhook(secret), 'webhook'],
] as const

/** As their users do: `sign` answers the signature's header. */
async function deliver(
  client: { sign(id: string, at: Date, payload: string): string },
  names: string,
  id: string,
  body = webhook({ ...paid, note: 'Zo\u00eb \u{1f381}' }),
): Promise<Pick<Answer, 'status' | 'body'>> {
  const at = ingest.clock.now()
  const headers = {
    'content-type': 'application/json',
    [`${names}-id`]: id,
    [`${names}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
    [`${names}-signature`]: client.sign(id, at, body),
  }
  const response = await ingest.fetch('/api/v1/webhooks/events', { method: 'POST', headers, body })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

describe.each(clients)('the client %s', (_, make, names) => {
  it('is accepted, once for each id', async () => {
    const id = newId()
    const first = await deliver(make(ingest.secret), names, id)
    expect([first.status, first.body.duplicate]).toEqual([202, false])
    const again = await deliver(make(ingest.secret), names, id)
    expect([again.status, again.body.duplicate, again.body.eventId]).toEqual([202, true, first.body.eventId])
    expect((await deliver(make(ingest.secret), names, id, webhook({ ...paid, amount: 1 }))).status).toBe(409)
  })

  it('with another secret is refused', async () => {
    const before = await countRows(ingest, 'webhook_events')
    expect((await deliver(make(newSecret()), names, newId())).body.code).toBe('signature_mismatch')
    expect(await countRows(ingest, 'webhook_events')).toBe(before)
  })
})

it('the same id under either names is the same webhook', async () => {
  const id = newId()
  const first = await deliver(new SvixWebhook(ingest.secret), 'svix', id)
  const again = await deliver(new StandardWebhook(ingest.secret), 'webhook', id)
  expect([again.body.eventId, again.body.duplicate]).toEqual([first.body.eventId, true])
})
