import { cutLine, testDatabase } from '@tributary/testing'
import { describe, expect, it } from 'vitest'
import { countRows, get, newId, send, startIngest } from './sender.ts'

async function startBehindLine() {
  const database = await testDatabase('ingest')
  const line = await cutLine(database.url)
  const ingest = await startIngest({}, { database, databaseUrl: line.url })
  expect((await send(ingest)).status).toBe(202)
  return { ingest, line }
}

describe('while the database', () => {
  it('is away, a webhook is told to come again, and what was answered otherwise is stored', async () => {
    const { ingest, line } = await startBehindLine()
    line.cut()
    const ids = Array.from({ length: 20 }, newId)
    const answers = await Promise.all(ids.map((id) => send(ingest, { id })))
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).toEqual([503, 'temporarily_unavailable'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(await countRows(ingest, 'webhook_events')).toBe(1)
    expect(await countRows(ingest, 'idempotency_keys')).toBe(1)
    line.mend()
    for (const id of ids) expect((await send(ingest, { id })).body).toMatchObject({ duplicate: false })
    expect(await countRows(ingest, 'webhook_events')).toBe(21)
  })

  it('is cut off in the middle, each webhook is stored whole or not at all, and sending it again settles it', async () => {
    const { ingest, line } = await startBehindLine()
    const ids = Array.from({ length: 300 }, newId)
    const sent = ids.map((id) => send(ingest, { id }))
    setTimeout(() => line.cut(), 30)
    const answers = await Promise.all(sent)
    expect(answers.map((answer) => answer.status).filter((status) => status !== 202 && status !== 503)).toEqual([])
    expect(await countRows(ingest, 'webhook_events')).toBe(await countRows(ingest, 'idempotency_keys'))
    line.mend()
    const again = await Promise.all(ids.map((id) => send(ingest, { id })))
    expect(again.map((answer) => answer.status)).toEqual(Array(300).fill(202))
    answers.forEach((answer, index) => {
      if (answer.status === 202)
        expect(again[index]!.body).toMatchObject({ eventId: answer.body.eventId, duplicate: true })
    })
    expect(await countRows(ingest, 'webhook_events')).toBe(301)
  })

  it('does not answer, a webhook waits for a bounded time', async () => {
    const { ingest, line } = await startBehindLine()
    line.freeze()
    const startedAt = performance.now()
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(ingest)))
    expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill(503))
    expect(performance.now() - startedAt).toBeLessThan(9_000)
    line.mend()
    expect((await send(ingest)).status).toBe(202)
  }, 30_000)

  // The secret and the quota are read before anything is stored, and known for seconds only.
  it.each([
    { first: 'the secret', known: [] },
    { first: 'the quota', known: ['the secret'] },
  ])(
    'does not answer what $first is, a webhook waits for a bounded time, too',
    async ({ known }) => {
      const database = await testDatabase('ingest')
      const line = await cutLine(database.url)
      const ingest = await startIngest({}, { database, databaseUrl: line.url })
      if (known.includes('the secret')) expect((await send(ingest, { signedBody: 'another' })).status).toBe(401)
      // On connections that stand already: to make one would be given up by itself.
      const reads = Array.from({ length: 20 }, () => get(ingest, '/api/v1/usage'))
      for (const { status } of await Promise.all(reads)) expect(status).toBe(200)
      line.freeze()
      const startedAt = performance.now()
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(ingest)))
      expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill(503))
      expect(performance.now() - startedAt).toBeLessThan(9_000)
      line.mend()
      expect((await send(ingest)).status).toBe(202)
    },
    30_000,
  )
})

it('without partitions for today, a webhook is told to come again', async () => {
  const ingest = await startIngest()
  await ingest.database.db.raw(`do $$ declare name text; begin
    for name in select inhrelid::regclass from pg_inherits where inhparent = 'webhook_events'::regclass loop
      execute 'drop table ' || name;
    end loop; end $$`)
  expect((await send(ingest)).body.code).toBe('temporarily_unavailable')
  expect(await countRows(ingest, 'idempotency_keys')).toBe(0)
})

it('without a broker, nothing changes for a sender', async () => {
  const ingest = await startIngest({}, { amqpUrl: 'amqp://127.0.0.1:1' })
  expect((await send(ingest)).status).toBe(202)
  expect((await ingest.fetch('/readyz')).status).toBe(200)
})

it('a webhook that cannot be stored costs only itself', async () => {
  const ingest = await startIngest()
  // Stands for whatever we did not think of.
  await ingest.database.db.raw(
    `alter table webhook_events add constraint no_poison check (webhook_id not like 'poison%')`,
  )
  const ids = Array.from({ length: 100 }, (_, index) => (index % 25 === 7 ? `poison${index}` : newId()))
  const answers = await Promise.all(ids.map((id) => send(ingest, { id })))
  const statuses = ids.map((id) => (id.startsWith('poison') ? 503 : 202))
  expect(answers.map((answer) => answer.status)).toEqual(statuses)
  expect(await countRows(ingest, 'webhook_events')).toBe(96)
  expect(await countRows(ingest, 'idempotency_keys')).toBe(96)
})
