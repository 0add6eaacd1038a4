import { randomUUID } from 'node:crypto'
import type { Envelope } from '@tributary/contracts'
import { inTransaction, query } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import { until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { erasePeople } from '../src/jobs/erase-people.ts'
import { onMemberErased } from '../src/messages/member.erased.ts'
import { columnsByTable } from './personal-columns.ts'
import { get, type Ingest, newId, paid, send, startIngest, webhook } from './sender.ts'

const wordsOf = (words = '') => words.split(' ').filter((word) => word !== '')

it('it is said of every column whether it can hold personal data', async () => {
  const ingest = await startIngest()
  const there = await query<{ table: string; column: string }>(
    ingest.database.db,
    `select relname as "table", attname as "column" from pg_attribute join pg_class on pg_class.oid = attrelid
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and attnum > 0
       and not attisdropped and relname not like 'migrations%'`,
  )
  const listed = Object.entries(columnsByTable).flatMap(([table, { personal, untilDropped, staff, nobody }]) =>
    [personal, untilDropped, staff, nobody].flatMap(wordsOf).map((column) => `${table}.${column}`),
  )
  expect(there.map(({ table, column }) => `${table}.${column}`).toSorted()).toEqual(listed.toSorted())
})

/** Everything that says who somebody is has this word in it. */
const CANARY = 'canary'

/** Columns in which the word is found. */
async function whereFound(ingest: Ingest): Promise<string[]> {
  const found: string[] = []
  for (const table of Object.keys(columnsByTable)) {
    for (const row of await query(ingest.database.db, `select * from ${table}`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = Buffer.isBuffer(value) ? value.toString() : String(value)
        if (text.toLowerCase().includes(CANARY)) found.push(`${table}.${column}`)
      }
    }
  }
  return [...new Set(found)].toSorted()
}

const refund = (invoiceId: string) =>
  webhook({ invoiceId, refundId: newId(), amount: 1, currency: 'USD', note: 'canary' }, 'payment.refunded')

/** Journals what no signed webhook of the default sender brings; not counted as usage, so that nothing releases it. */
async function journal(ingest: Ingest, disposition: 'ignore' | 'defer', body: string) {
  const eventId = (await send(ingest)).body.eventId.replace(/.{12}$/, '0000000000ff')
  const status = disposition === 'defer' ? 'deferred' : 'ignored'
  const { db } = ingest.database
  await query(
    db,
    `with key as (
       insert into idempotency_keys (source, webhook_id, body_sha256, event_id) values ('stripe', ?, sha256(?), ?)),
     standing as (insert into event_statuses (event_id, status, revision) values (?, ?, -1))
     insert into webhook_events (event_id, received_at, time, source, webhook_id, type, body, disposition, reason)
     values (?, now(), now(), 'stripe', ?, 'customer.created', ?, ?, 'not_ours')`,
    [eventId, Buffer.from(body), eventId, eventId, status, eventId, eventId, Buffer.from(body), disposition],
  )
  return eventId
}

/** A person with everything that a journal can hold of one, and somebody else. */
async function scene() {
  const ingest = await startIngest()
  const sent = async (body: string, id = newId()) =>
    (await send(ingest, { id, body, headers: { 'user-agent': 'canary/1' } })).body.eventId
  const early = await sent(refund('in_canary'))
  const payment = webhook({ ...paid, externalUserId: 'canary-1', invoiceId: 'in_canary', email: 'canary@example.com' })
  const webhookId = newId()
  const theirs = [
    early,
    await sent(payment, webhookId),
    await sent(refund('in_canary')),
    await sent(webhook({ externalUserId: 'x' }, 'a.b').replace('"x"', '"\\u0063anary-1"')),
    await journal(ingest, 'ignore', '{"customer":{"id":"canary-1","email":"canary@example.com"}}'),
    await journal(ingest, 'defer', webhook({ externalUserId: 'canary-1' }, 'a.b')),
  ]
  const others = [
    (await send(ingest)).body.eventId,
    (await send(ingest, { body: refund('in_1').replace('canary', '') })).body.eventId,
  ]
  return { ingest, theirs, others, payment, webhookId, userId: randomUUID() }
}

async function erase({ ingest, userId }: Awaited<ReturnType<typeof scene>>) {
  const subject = randomUUID()
  const told: Envelope = {
    messageId: subject,
    subject,
    type: 'member.erased',
    source: 'rewards',
    time: new Date().toISOString(),
    correlationId: userId,
    causationId: userId,
    traceparent: null,
    data: { userId, externalUserId: 'canary-1' },
  }
  const ctx = { now: ingest.clock.now(), newId: randomUUID }
  await inTransaction(ingest.db, (tx) => onMemberErased.handle(tx, [told], () => {}, ctx))
  ingest.clock.forward({ minutes: 2 })
}

const work = (ingest: Ingest) =>
  erasePeople.run({
    db: ingest.db,
    now: ingest.clock.now,
    newId: randomUUID,
    log: newLogger('ingest', 'silent'),
    service: 'ingest',
    signal: new AbortController().signal,
    transaction: () => Promise.reject(new Error('an erasure says nothing')),
  })

async function worked(ingest: Ingest) {
  await until('the erasure to end', async () => {
    while (await work(ingest));
    const [row] = await query<{ todo: number }>(
      ingest.db,
      'select count(*)::int as todo from erasures where done_at is null',
    )
    return row!.todo === 0
  })
}

it('nothing of a person is left after an erasure, and receipt, digest and repetition are as before', async () => {
  const all = await scene()
  const { ingest, theirs, others, payment, webhookId } = all
  const read = async (path: string) => (await get(ingest, `/api/v1/webhooks/${path}`)).body
  const digest = `digest?date=${ingest.clock.now().toISOString().slice(0, 10)}`
  const proofs = async () => [
    await read(digest),
    ...(await Promise.all(theirs.map((id) => read(`events/${id}/receipt`)))),
  ]
  expect(await whereFound(ingest)).toEqual(['webhook_events.body', 'webhook_events.headers'])
  const [proofsBefore, othersBefore] = [await proofs(), await Promise.all(others.map((id) => read(`events/${id}`)))]

  await erase(all)
  expect(await whereFound(ingest)).toContain('erasures.external_user_id')
  await worked(ingest)
  expect(await whereFound(ingest)).toEqual([])
  expect(await proofs()).toEqual(proofsBefore)
  expect(await Promise.all(others.map((id) => read(`events/${id}`)))).toEqual(othersBefore)
  for (const id of theirs) {
    expect(await read(`events/${id}`)).toMatchObject({ body: null, headers: null, erasedAt: expect.any(String) })
  }
  expect(await read(`events/${theirs[5]}`)).toMatchObject({ status: 'ignored', reason: 'person_erased' })

  const again = await send(ingest, { id: webhookId, body: payment })
  expect([again.status, again.body.eventId, again.body.duplicate]).toEqual([202, theirs[1], true])
  const other = await send(ingest, { id: webhookId })
  expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict'])
  const replayed = await get(ingest, `/api/v1/webhooks/events/${theirs[1]}/replay`, { method: 'POST' })
  expect(replayed.body).toMatchObject({ code: 'replay_refused', detail: expect.stringContaining('erased') })

  // Told of anew, they are somebody new.
  const anew = (await send(ingest, { body: webhook({ externalUserId: 'canary-1' }, 'a.b') })).body.eventId
  while (await work(ingest));
  expect(await read(`events/${anew}`)).toMatchObject({ body: { data: { externalUserId: 'canary-1' } } })
})

it('an event is emptied once it is published, and not before', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:9' })
  const body = webhook({ ...paid, externalUserId: 'canary-1' })
  await send(ingest, { body })
  await erase({ ingest, userId: randomUUID() } as Awaited<ReturnType<typeof scene>>)
  expect(await work(ingest)).toBe(false)
  expect(await whereFound(ingest)).toEqual(['erasures.external_user_id', 'webhook_events.body'])
  await query(
    ingest.database.db,
    `insert into relay_checkpoints (stream, xid, seq, system_identifier)
     values ('journal', pg_current_xact_id(), 0, 0) on conflict (stream) do update set xid = excluded.xid`,
  )
  await worked(ingest)
  expect(await whereFound(ingest)).toEqual([])
})

it('the service changes the journal through that one function alone', async () => {
  const { ingest } = await scene()
  for (const sql of [
    `update webhook_events set body = ''`,
    'delete from webhook_events',
    'delete from idempotency_keys',
  ]) {
    await expect(query(ingest.db, sql), sql).rejects.toThrow(/permission denied/)
  }
})
