import { query } from '@tributary/database'
import { testBroker, until } from '@tributary/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { decide, hearAll, post } from './replayer.ts'
import { get, type Ingest, paid, send, startIngest, webhook } from './sender.ts'

let ingest: Ingest
let ears: Awaited<ReturnType<typeof hearAll>>
beforeAll(async () => {
  const broker = await testBroker()
  ears = await hearAll(broker)
  ingest = await startIngest({}, { broker })
})

type Answer = { eventId: string; replayId?: string; forcedEventId?: string; code?: string; detail?: string }
const replay = (eventId: string, body: object = {}) =>
  post<Answer>(ingest, `/api/v1/webhooks/events/${eventId}/replay`, body)
/** What is replayed at once may be heard before the first time: they are two streams. */
const heardOnce = (eventId: string) => until('it to be heard', () => ears.of(eventId).length === 1)
const ignoredEvent = async (reason = 'no_rule', type = 'course.completed') => {
  const { eventId } = (await send(ingest, { body: webhook(paid, type) })).body
  await heardOnce(eventId)
  await decide(ingest.database, eventId, 'ignored', reason)
  return eventId
}

describe('an event is published again', () => {
  it('in the very characters that were sent, numbers beyond a double included', async () => {
    const data =
      '{"externalUserId" : "u1", "exact": 12345678901234567890.1234567890,"big":9007199254740993, "e": 1.50e2 }'
    const { eventId } = (await send(ingest, { body: `{"type":"course.completed","data":${data}}` })).body
    await heardOnce(eventId)
    const { status, body } = await replay(eventId, { reason: 'looking closely' })
    expect([status, body]).toEqual([202, { eventId, replayId: expect.any(String) as string }])
    await until('it to be heard twice', () => ears.of(eventId).length === 2)
    expect(ears.of(eventId).map((message) => message.content)).toEqual([data, data])
    expect(ears.of(eventId)[1]!.headers.replayid).toBe(body.replayId)
  })

  it('as it was translated, where it was', async () => {
    const { eventId } = (await send(ingest)).body
    const translated = '{"externalUserId":"translated","amount":1.0}'
    await query(ingest.database.db, 'update webhook_events set payload = ? where event_id = ?', [translated, eventId])
    await replay(eventId)
    await until('the replay to be heard', () => ears.of(eventId).some((message) => message.content === translated))
  })

  it('without a body, too', async () => {
    const { eventId } = (await send(ingest)).body
    const { status } = await get(ingest, `/api/v1/webhooks/events/${eventId}/replay`, { method: 'POST' })
    expect(status).toBe(202)
  })

  it('only where it was published at all', async () => {
    const { eventId } = (await send(ingest)).body
    await query(
      ingest.database.db,
      `update webhook_events set disposition = 'ignore', reason = 'unknown_provider_event' where event_id = ?`,
      [eventId],
    )
    const { status, body } = await replay(eventId)
    expect([status, body.code]).toEqual([409, 'replay_refused'])
    expect(body.detail).toContain('unknown_provider_event')
    expect((await replay('019ca945-0a00-7000-8000-000000000000')).status).toBe(404)
  })
})

describe('an event that was ignored is forced', () => {
  it('into another one with the same content, once for each id, and tells of it', async () => {
    const eventId = await ignoredEvent()
    const force = { id: 'second-look-1', reason: 'the rule was missing that day' }
    const { status, body } = await replay(eventId, { force })
    expect(status).toBe(202)
    const forcedEventId = body.forcedEventId!
    expect((await replay(eventId, { force })).body).toEqual({ eventId, forcedEventId })
    await until('it to be heard', () => ears.of(forcedEventId).length === 1)
    const [first, forced] = [ears.of(eventId)[0]!, ears.of(forcedEventId)[0]!]
    expect(forced.content).toBe(first.content)
    expect(forced.headers).toMatchObject({
      correlationid: forcedEventId,
      cloudEvents_time: first.headers.cloudEvents_time as string,
    })
    const event = await get<{ effects: object[] }>(ingest, `/api/v1/webhooks/events/${eventId}`)
    expect(event.body.effects.at(-1)).toMatchObject({
      service: 'ingest',
      kind: 'event',
      id: forcedEventId,
      outcome: 'forced',
      reason: expect.stringMatching(/: the rule was missing that day$/) as string,
    })
    const other = await replay(await ignoredEvent(), { force })
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict'])
  })

  it('again only once the one before it was ignored, too: so nothing earns twice', async () => {
    const eventId = await ignoredEvent()
    const forced = async (of: string, id: string) => replay(of, { force: { id, reason: 'again' } })
    const one = (await forced(eventId, 'family-1')).body.forcedEventId!
    expect((await forced(eventId, 'family-2')).body).toMatchObject({ code: 'replay_refused' })
    await decide(ingest.database, one, 'ignored', 'no_rule')
    // Also one that was made by force belongs to the family.
    const two = (await forced(one, 'family-2')).body.forcedEventId!
    await decide(ingest.database, two, 'processed')
    for (const member of [eventId, one, two]) {
      const { status, body } = await forced(member, `family-of-${member}`)
      expect([status, body.code]).toEqual([409, 'replay_refused'])
      expect(body.detail).toContain(`${two} was processed`)
    }
  })

  it('by one of many who ask at the same time', async () => {
    const eventId = await ignoredEvent()
    const asked = Array.from({ length: 8 }, (_, index) =>
      replay(eventId, { force: { id: `race-${index}`, reason: 'all at once' } }),
    )
    const statuses = (await Promise.all(asked)).map((answer) => answer.status)
    expect(statuses.toSorted((left, right) => left - right)).toEqual([202, ...Array<number>(7).fill(409)])
  })

  it.each(['processed', 'received'])('but not one that is %s', async (status) => {
    const { eventId } = (await send(ingest)).body
    if (status !== 'received') await decide(ingest.database, eventId, status)
    const answer = await replay(eventId, { force: { id: `not-${status}`, reason: 'hope' } })
    expect([answer.status, answer.body.code]).toEqual([409, 'replay_refused'])
  })

  it('but not one that waits for its customer, and not without a reason', async () => {
    const waits = await replay(await ignoredEvent('not_registered_yet'), { force: { id: 'waits', reason: 'hope' } })
    expect(waits.body.code).toBe('replay_refused')
    const silent = await replay(await ignoredEvent(), { force: { id: 'silent' } })
    expect([silent.status, silent.body.code]).toEqual([422, 'payload_invalid'])
  })
})
