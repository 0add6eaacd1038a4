import { query } from '@tributary/database'
import { serviceProcess, testBroker, testDatabase, testEnvironment, tokenFor, until } from '@tributary/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { allTime, decide, hearAll, post, type ReplayAnswer, replayOf } from './replayer.ts'
import { get, type Ingest, paid, sealingKey, send, signingKey, signWebhook, startIngest, webhook } from './sender.ts'

const REPLAYS = '/api/v1/webhooks/replays'

async function sendSome(to: Ingest, count: number, type = 'subscription.paid'): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index++) {
    const { body } = await send(to, { body: webhook({ ...paid, invoiceId: `${type}-${index}` }, type) })
    ids.push(body.eventId)
  }
  return ids
}

describe('a replay of a range', () => {
  let ingest: Ingest
  let ears: Awaited<ReturnType<typeof hearAll>>
  let payments: string[]
  let courses: string[]
  beforeAll(async () => {
    const broker = await testBroker()
    ears = await hearAll(broker)
    ingest = await startIngest({}, { broker })
    payments = await sendSome(ingest, 12)
    courses = await sendSome(ingest, 4, 'course.completed')
    for (const id of payments.slice(0, 5)) await decide(ingest.database, id, 'processed')
    await decide(ingest.database, payments[5]!, 'ignored', 'no_rule')
    await query(
      ingest.database.db,
      `update webhook_events set disposition = 'ignore', reason = 'not_known' where event_id = ?`,
      [courses[3]],
    )
    await until('all to be heard once', () => ears.all.length >= 15)
  })

  it('that is dry says what the range holds, what was done, and what could still happen; and does nothing', async () => {
    const { status, body } = await post<Record<string, unknown>>(ingest, REPLAYS, { ...allTime(), dryRun: true })
    expect([status, body]).toEqual([
      200,
      {
        dryRun: true,
        matched: 16,
        counted: 'all',
        replayable: 15,
        byStatus: { received: 10, processed: 5, ignored: 1 },
        undecided: 9,
        done: [
          { service: 'rewards', kind: 'decision', outcome: 'ignored', count: 1 },
          { service: 'rewards', kind: 'decision', outcome: 'processed', count: 5 },
        ],
      },
    ])
    const rows = await query(ingest.database.db, 'select from journal_replays')
    expect(rows).toEqual([])
  })

  it('publishes each of its events once more, stamped with who and why, under each event and on each message', async () => {
    const asked = { ...allTime(), type: 'subscription.paid', status: 'received', reason: 'the queue was purged' }
    const { status, body } = await post<ReplayAnswer>(ingest, REPLAYS, asked)
    expect([status, body.state, body.replayed]).toEqual([202, 'running', 0])
    await until('the replay to end', async () => (await replayOf(ingest, body.id)).state === 'done')
    expect(await replayOf(ingest, body.id)).toMatchObject({
      kind: 'range',
      replayed: 6,
      leftOut: 0,
      requestedBy: expect.any(String) as string,
      reason: 'the queue was purged',
    })
    const again = payments.slice(6)
    await until('them to be heard', () => again.every((id) => ears.of(id).length === 2))
    for (const id of again) {
      const [first, second] = ears.of(id)
      expect(second!.messageId).not.toBe(first!.messageId)
      expect(second!.content).toBe(first!.content)
      expect([first!.headers.replayid, second!.headers.replayid]).toEqual([undefined, body.id])
      const event = await get<{ effects: object[]; status: string }>(ingest, `/api/v1/webhooks/events/${id}`)
      expect(event.body.status).toBe('received')
      expect(event.body.effects).toMatchObject([
        {
          service: 'ingest',
          kind: 'replay',
          id: body.id,
          outcome: 'replayed',
          reason: expect.stringMatching(/^by .+: the queue was purged$/) as string,
        },
      ])
    }
    for (const id of [...payments.slice(0, 6), ...courses.slice(0, 3)]) expect(ears.of(id)).toHaveLength(1)
    const { body: list } = await get<{ items: ReplayAnswer[] }>(ingest, REPLAYS)
    expect(list.items.map((one) => one.id)).toContain(body.id)
  })

  it('leaves out what was never published', async () => {
    const { body } = await post<ReplayAnswer>(ingest, REPLAYS, { ...allTime(), type: 'course.completed' })
    await until('the replay to end', async () => (await replayOf(ingest, body.id)).state === 'done')
    expect(await replayOf(ingest, body.id)).toMatchObject({ replayed: 3, leftOut: 1 })
  })

  it('goes no faster than asked, and stops where it is when it is cancelled', async () => {
    const startedAt = performance.now()
    const { body } = await post<ReplayAnswer>(ingest, REPLAYS, { ...allTime(), eventsPerSecond: 2 })
    await until('a second step', async () => (await replayOf(ingest, body.id)).replayed >= 4)
    // The first step is due at once, the second a second later.
    expect(performance.now() - startedAt).toBeGreaterThan(900)
    const { body: ended } = await get<ReplayAnswer>(ingest, `${REPLAYS}/${body.id}/cancel`, { method: 'POST' })
    expect(ended.state).toBe('cancelled')
    expect(ended.replayed).toBeLessThan(15)
    expect(ended.cancelledBy).toBe(ended.requestedBy)
    const published = await query(ingest.database.db, 'select from journal_replays where replay_id = ?', [body.id])
    expect(published).toHaveLength((await replayOf(ingest, body.id)).replayed)
  })

  it('waits for those before it, so that several together go no faster than one', async () => {
    const ask = async (eventsPerSecond: number) =>
      (await post<ReplayAnswer>(ingest, REPLAYS, { ...allTime(), eventsPerSecond })).body.id
    const [first, second] = [await ask(1), await ask(1_000)]
    await until('a second step', async () => (await replayOf(ingest, first)).replayed >= 2)
    expect((await replayOf(ingest, second)).replayed).toBe(0)
    await get(ingest, `${REPLAYS}/${first}/cancel`, { method: 'POST' })
    await until('the second to end', async () => (await replayOf(ingest, second)).state === 'done')
  })

  it('that ends before it begins is refused; so is one that nobody asked for', async () => {
    const backwards = await post<{ code: string }>(ingest, REPLAYS, { from: allTime().to, to: allTime().from })
    expect([backwards.status, backwards.body.code]).toEqual([422, 'payload_invalid'])
    const unknown = await get(ingest, `${REPLAYS}/019ca945-0a00-7000-8000-000000000000`)
    expect(unknown.status).toBe(404)
  })
})

it('a process that is killed in the middle of a replay goes on where it was: each event once', async () => {
  const [database, broker] = await Promise.all([testDatabase('ingest'), testBroker()])
  const secret = newSecret()
  const environment = {
    ...(await testEnvironment(database.url, broker.urls.ingest)),
    WEBHOOK_SECRET: secret,
    SECRETS_KEY: sealingKey,
    INGEST_SIGNING_KEY: signingKey,
  }
  const process = await serviceProcess('ingest', environment)
  await process.start()
  const token = await tokenFor(['webhooks:write', 'webhooks:read'])
  const call = async (path: string, method = 'GET', body?: object) => {
    const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) }
    const response = await fetch(`${process.url}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return (await response.json()) as ReplayAnswer
  }
  const COUNT = 40
  for (let index = 0; index < COUNT; index++) {
    const body = webhook({ ...paid, invoiceId: `in_${index}` })
    const headers = { 'content-type': 'application/json', ...signWebhook(secret, `msg_${index}`, new Date(), body) }
    const response = await fetch(`${process.url}/api/v1/webhooks/events`, { method: 'POST', headers, body })
    expect(response.status).toBe(202)
  }
  const { id } = await call(REPLAYS, 'POST', { ...allTime(), eventsPerSecond: 15 })
  await until('the replay to be under way', async () => (await call(`${REPLAYS}/${id}`)).replayed > 0)
  await process.kill()
  const [left] = await query<{ replayed: number }>(database.db, 'select replayed from replays')
  expect(left!.replayed).toBeLessThan(COUNT)
  await process.start()
  await until('the replay to end', async () => (await call(`${REPLAYS}/${id}`)).state === 'done', { timeoutMs: 20_000 })
  expect((await call(`${REPLAYS}/${id}`)).replayed).toBe(COUNT)
  const rows = await query<{ times: number }>(
    database.db,
    'select count(*)::int as times from journal_replays group by event_id',
  )
  expect(rows.map((row) => row.times)).toEqual(Array(COUNT).fill(1))
}, 60_000)
