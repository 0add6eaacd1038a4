import { tokenFor } from '@tributary/testing'
import { expect, it } from 'vitest'
import { type Ingest, newId, paid, send, startIngest, webhook } from './sender.ts'

async function fetchExport(from: Ingest, query: string, scopes: readonly string[] = ['webhooks:export']) {
  const authorization = `Bearer ${await tokenFor([...scopes] as never)}`
  return await from.fetch(`/api/v1/webhooks/events/export?${query}`, { headers: { authorization } })
}

it('an export has every event of its time once, oldest first, in the characters it came in, and its end', async () => {
  const ingest = await startIngest()
  const start = ingest.clock.now()
  const ids: string[] = []
  const odd = `{ "type":"subscription.paid",\n"data": ${JSON.stringify({ ...paid, note: 'Zo\u00eb \u{1f381}' }).replace('}', ', "big": 1.10}')} }`
  ids.push((await send(ingest, { id: newId(), body: odd })).body.eventId)
  // More than a page.
  const answers = await Promise.all(
    Array.from({ length: 450 }, (_, index) => send(ingest, { body: webhook({ ...paid, invoiceId: `in_${index}` }) })),
  )
  ids.push(...answers.map((answer) => answer.body.eventId).toSorted())
  const end = new Date(ingest.clock.now().getTime() + 1)
  const response = await fetchExport(ingest, `from=${start.toISOString()}&to=${end.toISOString()}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  const lines = (await response.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.slice(0, -1).map((line) => line.eventId)).toEqual(ids)
  expect(lines.at(-1)).toEqual({ type: 'end', events: 451 })
  expect(lines[0]).toMatchObject({
    type: 'event',
    eventType: 'subscription.paid',
    source: 'default',
    status: 'received',
    body: odd,
    headers: { 'content-type': 'application/json', 'webhook-signature': '***' },
    erasedAt: null,
    effects: [],
  })
  const none = await fetchExport(ingest, `from=${end.toISOString()}&to=2099-01-01T00:00:00Z`)
  expect(JSON.parse(await none.text())).toEqual({ type: 'end', events: 0 })
})

it('an export needs a scope of its own, and a time that is one', async () => {
  const ingest = await startIngest()
  const time = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z'
  expect((await fetchExport(ingest, time, ['webhooks:read'])).status).toBe(403)
  for (const query of [
    '',
    'from=2026-01-01T00:00:00Z',
    'from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z',
    `${time}&x=1`,
  ]) {
    expect([query, (await fetchExport(ingest, query)).status]).toEqual([query, 422])
  }
})
