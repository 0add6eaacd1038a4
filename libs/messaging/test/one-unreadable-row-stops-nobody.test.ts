import { query } from '@tributary/database'
import { newMetrics } from '@tributary/observability'
import { spy, testBroker, testDatabase, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { parked, startRig } from './rig.ts'

/** A stream beside the outbox whose payload is made while it is read, as ingest's journal is. */
const notes = {
  name: 'notes',
  table: 'notes',
  columns: `e.id as message_id, e.id as subject, 'reward.earned' as type, e.time, e.id as correlation_id,
    e.id as causation_id, null as traceparent, (e.body::json -> 'data')::text as payload, null as destination`,
}

async function startNotes(relayBatchMax = 500) {
  const [broker, database] = await Promise.all([testBroker(), testDatabase('rewards')])
  const ears = await spy(broker)
  await query(
    database.db,
    `create table notes (id uuid, xid xid8 not null default pg_current_xact_id(), seq bigserial,
       recorded_at timestamptz not null default now(), time timestamptz not null default now(), body text)`,
  )
  await query(database.db, 'grant select on notes to public')
  const metrics = newMetrics('rewards')
  const rig = await startRig('rewards', broker, [], { database, streams: [notes], relayBatchMax, metrics })
  /** In one transaction each, in this order. */
  async function write(bodies: readonly string[], time = 'now'): Promise<string[]> {
    const ids = bodies.map(() => v7())
    for (const [index, body] of bodies.entries()) {
      await query(database.db, 'insert into notes (id, body, time) values (?, ?, ?::timestamptz)', [
        ids[index],
        body,
        time,
      ])
    }
    rig.messaging.wake()
    return ids
  }
  const heard = (ids: readonly string[]) =>
    until('these to be heard', () => ids.every((id) => ears.all().some((event) => event.subject === id)))
  return { database, write, heard, ears, metrics }
}

const good = '{"data":{"cause":"any"}}'

describe('a row that the relay cannot read', () => {
  it.each([
    ['is no JSON', 'no JSON', 'now'],
    ['holds nothing', '{}', 'now'],
    ['has a time that cannot be written down', good, 'infinity'],
  ])('because it %s is parked, and all before and after it are published', async (_, body, time) => {
    const { database, write, heard, ears, metrics } = await startNotes()
    const before = await write([good, good])
    const [bad] = await write([body], time)
    const after = await write([good, good, good])
    await heard([...before, ...after])
    expect(ears.all().map((event) => event.subject)).toEqual([...before, ...after])
    const waiting = await parked(database)
    expect(waiting).toMatchObject([{ type: 'notes', status: 'parked' }])
    expect(waiting[0]!.reason).toMatch(/^the relay cannot read this row of notes: /)
    const [row] = await query<{ id: string }>(
      database.db,
      `select n.id from parked_messages p join notes n
         on n.seq = (convert_from(p.payload, 'UTF8')::json ->> 'seq')::bigint`,
    )
    expect(row?.id).toBe(bad)
    expect(await metrics.registry.metrics()).toMatch(/messages_published_total{[^}]*result="unreadable"[^}]*} 1\n/)
  })

  it('is found among others that are no better, in batches of any size', async () => {
    const { database, write, heard } = await startNotes(3)
    const rows = Array.from({ length: 20 }, (_, index) => (index % 3 === 0 || index > 15 ? 'bad' : good))
    const ids = await write(rows)
    const [last] = await write([good])
    await heard([...ids.filter((_, index) => rows[index] === good), last!])
    expect(await parked(database)).toHaveLength(rows.filter((row) => row === 'bad').length)
  })

  it('with a hundred more behind it is nobody’s fault but ours: then nothing is parked any more', async () => {
    const { database, write, heard, metrics } = await startNotes()
    await write(Array.from({ length: 120 }, () => 'bad'))
    const [after] = await write([good])
    await until('the relay to stop', async () => (await parked(database)).length === 100)
    // The cause is mended: the rows are read as they were written.
    await query(database.db, `update notes set body = '{"data":{"cause":"mended"}}' where body = 'bad'`)
    await heard([after!])
    expect(await parked(database)).toHaveLength(100)
    expect(await metrics.registry.metrics()).toMatch(/result="unreadable"[^}]*} 100\n/)
  })
})
