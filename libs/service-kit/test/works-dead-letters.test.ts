import { query } from '@tributary/database'
import { type TestService, tokenFor } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { startToy } from './toy.ts'

let toy: TestService
/** Oldest first; the last one has no envelope. */
const ids = Array.from({ length: 5 }, () => v7())
const subjects = ids.map((_, index) => (index === 4 ? null : v7()))

beforeAll(async () => {
  toy = await startToy({}, { amqpUrl: 'amqp://nobody:nothing@127.0.0.1:9' })
  await query(
    toy.database.db,
    `insert into parked_messages (id, message_id, subject, type, source, time, correlation_id, causation_id, payload, reason, attempts, parked_at)
     select id, subject, subject, 'reward.' || (n % 2), 'rewards', now(), subject, subject, '{"n":1}', 'why', 5,
       timestamptz '2026-01-02 03:04:05.678Z' + n / 2 * interval '1 minute'
     from unnest(?::uuid[], ?::uuid[]) with ordinality as given (id, subject, n)`,
    [ids, subjects],
  )
})

type Page = { items: { id: string; status: string }[]; nextCursor: string | null; code?: string; settledBy?: string }

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: Page }> {
  const response = await toy.fetch(`/api/v1/dead-letters${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await tokenFor(['dead-letters:read', 'dead-letters:write'], { id: 'ann' })}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Page }
}

test('they are listed newest first, page by page, each once', async () => {
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const { status, body } = await call('GET', `?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
    expect(status).toBe(200)
    seen.push(...body.items.map(({ id }) => id))
    cursor = body.nextCursor
  } while (cursor !== null)
  expect(seen).toEqual(ids.toReversed())
})

test('they can be filtered, and a cursor belongs to its filter', async () => {
  const odd = await call('GET', '?type=reward.1&limit=1')
  expect(odd.body.items.map(({ id }) => id)).toEqual([ids[4]])
  const { status, body } = await call('GET', `?type=reward.0&limit=1&cursor=${odd.body.nextCursor}`)
  expect([status, body.code]).toEqual([422, 'payload_invalid'])
  expect((await call('GET', '?status=discarded')).body.items).toEqual([])
  for (const type of ['%00', 'reward.1%00', '']) {
    const refused = await call('GET', `?type=${type}`)
    expect([refused.status, refused.body.code]).toEqual([422, 'payload_invalid'])
  }
})

test('one is shown with what it carried', async () => {
  expect((await call('GET', `/${ids[0]}`)).body).toMatchObject({ id: ids[0], reason: 'why', payload: '{"n":1}' })
  expect((await call('GET', `/${v7()}`)).status).toBe(404)
})

test('a replay goes out by the outbox, to us alone, once, and says who asked', async () => {
  const replayed = await call('POST', `/${ids[0]}/replay`)
  expect([replayed.status, replayed.body]).toMatchObject([200, { status: 'replayed', settledBy: 'ann' }])
  const again = await call('POST', `/${ids[0]}/replay`)
  expect([again.status, again.body.code]).toEqual([409, 'parked_message_settled'])
  const rows = await query(
    toy.database.db,
    'select subject, message_id <> subject as renewed, destination, payload from outbox',
  )
  expect(rows).toEqual([
    { subject: subjects[0], renewed: true, destination: expect.stringContaining('payouts'), payload: '{"n":1}' },
  ])
  expect((await call('POST', `/${v7()}/replay`)).status).toBe(404)
})

test('what has no readable envelope can be discarded but not replayed', async () => {
  expect((await call('POST', `/${ids[4]}/replay`)).status).toBe(409)
  expect((await call('POST', `/${ids[4]}/discard`, {})).status).toBe(422)
  expect((await call('POST', `/${ids[4]}/discard`, { reason: 'rubbish' })).body).toMatchObject({
    status: 'discarded',
    settledBy: 'ann',
    settledWhy: 'rubbish',
  })
  expect((await call('GET', '?status=discarded')).body.items.map(({ id }) => id)).toEqual([ids[4]])
})
