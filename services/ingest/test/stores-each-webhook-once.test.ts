import { cutLine, testDatabase } from '@tributary/testing'
import { describe, expect, it } from 'vitest'
import { countRows, get, newId, paid, send, startIngest, webhook } from './sender.ts'

describe('a webhook', () => {
  it('is answered with the id of its event, once it is stored in the bytes in which it came', async () => {
    const ingest = await startIngest()
    const body = `{ "type":"subscription.paid",\n"data": ${JSON.stringify({ ...paid, note: 'Zo\u00eb' })} }`
    const { status, body: answer } = await send(ingest, { id: 'msg_1', body })
    expect({ status, answer }).toEqual({
      status: 202,
      answer: {
        eventId: expect.stringMatching(/^[0-9a-f-]{14}7/),
        status: 'received',
        duplicate: false,
        receivedAt: expect.stringMatching(/^20.*Z$/),
      },
    })
    const [row] = await ingest.database.db('webhook_events').select()
    expect(row).toMatchObject({ event_id: answer.eventId, webhook_id: 'msg_1', type: 'subscription.paid' })
    expect(row.body.toString()).toBe(body)
    expect(row.received_at.toISOString()).toBe(answer.receivedAt)
  })

  it('that comes again is a duplicate with the same event id', async () => {
    const ingest = await startIngest()
    const id = newId()
    const first = await send(ingest, { id })
    // Signed anew, as a sender does with each attempt.
    const again = await send(ingest, { id, signedAt: new Date(ingest.clock.now().getTime() - 60_000) })
    expect(again.status).toBe(202)
    expect(again.body).toEqual({ ...first.body, duplicate: true })
    expect(await countRows(ingest, 'webhook_events')).toBe(1)
  })

  it('whose id was used for another body is a conflict', async () => {
    const ingest = await startIngest()
    const id = newId()
    await send(ingest, { id })
    const other = await send(ingest, { id, body: webhook({ ...paid, amount: 4901 }) })
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict'])
    const [row] = await ingest.database.db('webhook_events').select()
    expect(row.body.toString()).toBe(webhook())
    expect(await countRows(ingest, 'webhook_events')).toBe(1)
  })

  it('may carry any id without a full stop, ids of other webhooks in other letters included', async () => {
    const ingest = await startIngest()
    for (const id of ['a', 'A', 'a-b', 'a:b', '{}', `'; drop table webhook_events; --`.replaceAll(' ', '_')]) {
      expect((await send(ingest, { id })).body.duplicate).toBe(false)
    }
    expect(await countRows(ingest, 'webhook_events')).toBe(6)
  })
})

describe('webhooks at the same time', () => {
  it('with the same id and body are one event, whichever process takes them', async () => {
    const one = await startIngest()
    const other = await startIngest({ WEBHOOK_SECRET: one.secret }, { database: one.database, broker: one.broker })
    for (let round = 0; round < 10; round++) {
      const id = newId()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => send(index % 2 === 0 ? one : other, { id })),
      )
      expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(202))
      expect(new Set(answers.map((answer) => answer.body.eventId)).size).toBe(1)
      expect(answers.filter((answer) => answer.body.duplicate === false)).toHaveLength(1)
    }
    expect(await countRows(one, 'webhook_events')).toBe(10)
    expect(await countRows(one, 'idempotency_keys')).toBe(10)
  })

  it('with the same id and other bodies are one event and a conflict, whichever process takes them', async () => {
    const one = await startIngest()
    const other = await startIngest({ WEBHOOK_SECRET: one.secret }, { database: one.database, broker: one.broker })
    for (let round = 0; round < 10; round++) {
      const id = newId()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          send(index % 2 === 0 ? one : other, { id, body: webhook({ ...paid, amount: 1 + (index % 4) }) }),
        ),
      )
      // One body won: its five are accepted, the other fifteen are conflicts.
      expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([
        ...Array(5).fill(202),
        ...Array(15).fill(409),
      ])
    }
    expect(await countRows(one, 'webhook_events')).toBe(10)
  })

  it('that share ids across processes in any order do not lock each other out', async () => {
    const one = await startIngest()
    const other = await startIngest({ WEBHOOK_SECRET: one.secret }, { database: one.database, broker: one.broker })
    const ids = Array.from({ length: 60 }, newId)
    const answers = await Promise.all([
      ...ids.map((id) => send(one, { id })),
      ...ids.toReversed().map((id) => send(other, { id })),
    ])
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
    expect(await countRows(one, 'webhook_events')).toBe(60)
  })

  it('are committed together, and each is found afterwards', async () => {
    const database = await testDatabase('ingest')
    const line = await cutLine(database.url)
    const ingest = await startIngest({ INTAKE_BATCH_MAX: 16 }, { database, databaseUrl: line.url })
    await send(ingest)
    await database.db.raw('truncate webhook_events')
    // Long enough for others to arrive while a commit is on its way.
    line.delay(30)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => send(ingest, { body: webhook({ ...paid, invoiceId: `in_${index}` }) })),
    )
    const { rows } = (await ingest.database.db.raw(
      'select count(*)::int as events, count(distinct xid)::int as commits, max(size)::int as largest from webhook_events join (select xid, count(*) as size from webhook_events group by xid) batch using (xid)',
    )) as { rows: { events: number; commits: number; largest: number }[] }
    expect(rows[0]!.events).toBe(200)
    expect(rows[0]!.commits).toBeLessThan(50)
    expect(rows[0]!.largest).toBeLessThanOrEqual(16)
    for (const index of [0, 99, 199]) {
      const { body } = await get(ingest, `/api/v1/webhooks/events/${answers[index]!.body.eventId}`)
      expect(body).toMatchObject({ body: { data: { invoiceId: `in_${index}` } } })
    }
  })
})
