import { expect, it } from 'vitest'
import { listEvents } from '../src/store/list-events.ts'
import { get, type Ingest, newId, paid, send, startIngest, webhook } from './sender.ts'

type Page = { items: { eventId: string; source: string }[]; nextCursor: string | null }

const list = async (ingest: Ingest, query: string) => (await get<Page>(ingest, `/api/v1/webhooks/events?${query}`)).body
const idsOf = (page: Page) => page.items.map((item) => item.eventId)

async function sent(ingest: Ingest, externalUserId: string, type = 'course.completed') {
  return (await send(ingest, { body: webhook({ externalUserId }, type) })).body.eventId
}

it('events of one of the sender’s users are found, however their name was spelled', async () => {
  const ingest = await startIngest()
  const zoe = await sent(ingest, 'Zo\u00eb/1')
  await sent(ingest, 'somebody')
  const escaped = webhook({ ...paid, externalUserId: 'ID' }).replace('"ID"', '"Zo\\u00eb\\/1"')
  const again = (await send(ingest, { body: escaped })).body.eventId
  // Named, but not as whom the event is about.
  await send(ingest, { body: webhook({ externalUserId: 'other', note: 'Zo\u00eb/1' }, 'course.completed') })
  const asked = `externalUserId=${encodeURIComponent('Zo\u00eb/1')}`
  expect(idsOf(await list(ingest, asked))).toEqual([again, zoe])
  expect(idsOf(await list(ingest, `${asked}&type=course.completed`))).toEqual([zoe])
  expect(idsOf(await list(ingest, `${asked}&source=default`))).toEqual([again, zoe])
  expect(idsOf(await list(ingest, `${asked}&source=stripe`))).toEqual([])
})

it('a rare filter looks through so many events for a page, and leads on from there', async () => {
  const ingest = await startIngest()
  const ids: string[] = []
  for (let index = 0; index < 10; index++) ids.unshift(await sent(ingest, index === 1 ? 'rare' : 'frequent'))
  const rare = { externalUserId: 'rare', limit: 50 }
  const pages = []
  let before: string | null = null
  do {
    const { events, next }: Awaited<ReturnType<typeof listEvents>> = await listEvents(ingest.db, { ...rare, before }, 4)
    pages.push({ found: events.map((event) => event.eventId), next })
    before = next
  } while (before !== null)
  expect(pages).toEqual([
    { found: [], next: ids[3] },
    { found: [], next: ids[7] },
    { found: [ids[8]], next: null },
  ])
  // A page that is full ends where its last event is.
  const full = await listEvents(ingest.db, { externalUserId: 'frequent', limit: 3, before: null }, 4)
  expect(full.next).toBe(ids[2])
})

it('an event shows where it came from, and of its headers those that are no secret', async () => {
  const ingest = await startIngest()
  const id = newId()
  const headers = { 'user-agent': 'shop/1', authorization: 'Bearer canary', cookie: 'a=canary', 'x-api-key': 'canary' }
  await send(ingest, { id, headers })
  const { body } = await get(ingest, `/api/v1/webhooks/events?webhookId=${id}`)
  expect(body).toMatchObject({
    source: 'default',
    body: { data: paid },
    headers: {
      'content-type': 'application/json',
      'user-agent': 'shop/1',
      'webhook-timestamp': expect.stringMatching(/^\d+$/),
      'webhook-signature': '***',
      authorization: '***',
      cookie: '***',
    },
  })
  const [row] = await ingest.database.db('webhook_events').select('headers')
  expect(row.headers).not.toContain('canary')
})

it('a filter that names nothing possible is refused', async () => {
  const ingest = await startIngest()
  for (const query of ['source=%00', 'source=A', 'externalUserId=%00', 'externalUserId=']) {
    expect([query, (await get(ingest, `/api/v1/webhooks/events?${query}`)).status]).toEqual([query, 422])
  }
})
