import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { classify, query } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import type { Job } from '@tributary/service-kit'
import { defer, until } from '@tributary/testing'
import { beforeEach, expect, it } from 'vitest'
import { lowestIdAt } from '../src/domain/event-time.ts'
import { dropOldDays } from '../src/jobs/drop-old-days.ts'
import { appendBatch, SOURCE } from '../src/store/journal.ts'
import { get, type Ingest, paid, send, startIngest, webhook } from './sender.ts'

const DAY_MS = 86_400_000
const body = webhook(paid)
let ingest: Ingest
let directory: string

beforeEach(async () => {
  ingest = await startIngest()
  directory = mkdtempSync(join(tmpdir(), 'archive-'))
  defer(() => rmSync(directory, { recursive: true }))
  for (const table of ['webhook_events', 'effects', 'event_statuses']) {
    await query(ingest.database.db, `select ensure_partitions(?, 'uuid-day', 7, 45)`, [table])
  }
})

/** Journals an event as it was so many days ago; everything is published unless said otherwise. */
async function past(daysAgo: number, webhookId: string, disposition: 'publish' | 'defer' = 'publish') {
  const at = new Date(Date.now() - daysAgo * DAY_MS)
  const eventId = lowestIdAt(at).replace('-0000-0000-000000000000', `-7000-8000-${randomUUID().slice(-12)}`)
  const entry = { eventId, source: SOURCE, webhookId, type: 'subscription.paid', time: at, traceparent: null }
  const rest = { body: Buffer.from(body), headers: '{"user-agent":"shop/1"}', payload: null }
  await appendBatch(ingest.db, [{ ...entry, ...rest, disposition: 'publish', reason: null }])
  // Not counted as usage, so that nothing releases it.
  if (disposition === 'defer') {
    const changed = `update webhook_events set disposition = 'defer', reason = 'over_quota' where event_id = ?`
    await query(ingest.database.db, changed, [eventId])
    await query(ingest.database.db, `insert into event_statuses values (?, 'deferred', -1)`, [eventId])
  }
  return { eventId, day: at.toISOString().slice(0, 10) }
}

async function allPublished() {
  await query(
    ingest.database.db,
    `insert into relay_checkpoints (stream, xid, seq, system_identifier) values ('journal', pg_current_xact_id(), 0, 0)
     on conflict (stream) do update set xid = excluded.xid, seq = excluded.seq`,
  )
}

/** One run of the job after the other, until there is nothing left to do. */
async function work(settings: Parameters<typeof dropOldDays>[0]) {
  for (const job of dropOldDays(settings)) {
    while (await step(job).catch(againIfLocked));
  }
}

/** As the kit would: what could not get its lock in half a second is tried again. */
function againIfLocked(error: unknown): true {
  if (classify(error) === 'retry') return true
  throw error
}

const step = async (job: Job) =>
  await job.run({
    db: ingest.db,
    now: () => new Date(),
    newId: randomUUID,
    log: newLogger('ingest', 'silent'),
    service: 'ingest',
    signal: new AbortController().signal,
    transaction: () => Promise.reject(new Error('it says nothing')),
  })

const read = async (path: string) => await get(ingest, `/api/v1/webhooks/${path}`)
const keeps = async (eventId: string) => (await read(`events/${eventId}`)).status === 200

it('a day that is old goes, archived; its webhooks stay known, its digest the same', async () => {
  const [old, young] = [await past(40, 'msg_old'), await past(33, 'msg_young')]
  await allPublished()
  const digest = await read(`digest?date=${old.day}`)
  expect(digest.body).toMatchObject({ items: [{ count: 1 }] })
  await work({ INGEST_RETENTION_DAYS: 35, INGEST_ARCHIVE_DIRECTORY: directory })
  expect([await keeps(old.eventId), await keeps(young.eventId)]).toEqual([false, true])
  const { body: gone } = await read(`events/${old.eventId}`)
  expect(gone.detail).toBe(`events received on ${old.day} are no longer kept here`)
  expect((await read('events?webhookId=msg_old')).body.detail).toContain('no longer kept')
  expect(await read(`digest?date=${old.day}`)).toEqual(digest)

  // Idempotency outlives the journal.
  const again = await send(ingest, { id: 'msg_old', body })
  expect(again.body).toMatchObject({ eventId: old.eventId, duplicate: true })
  expect((await send(ingest, { id: 'msg_old', body: webhook({ ...paid, amount: 1 }) })).status).toBe(409)

  const name = `journal-${old.day}.ndjson.gz`
  const file = readFileSync(join(directory, name))
  const [row] = await query(
    ingest.db,
    `select archive, archive_sha256, events::int as events from dropped_days where day = '${old.day}'`,
  )
  expect(row).toEqual({ archive: name, archive_sha256: createHash('sha256').update(file).digest('hex'), events: 1 })
  const [event, end, ...more] = gunzipSync(file).toString().trimEnd().split('\n')
  expect(JSON.parse(event!)).toMatchObject({ eventId: old.eventId, webhookId: 'msg_old', body })
  expect([JSON.parse(end!), more]).toEqual([{ type: 'end', events: 1 }, []])
  expect(readdirSync(directory).filter((one) => one.includes('unfinished'))).toEqual([])
})

it('a process that lost its lead on the way leaves the archive of whoever took over as it is', async () => {
  // The oldest day there is, so the first that is looked at.
  const { day } = await past(45, 'msg_old')
  await allPublished()
  const name = `journal-${day}.ndjson.gz`
  const taken = await ingest.database.db.transaction()
  // It has listed the day by now, and stands still before it reads it.
  await query(taken, 'lock table digests_of_dropped_days in access exclusive mode')
  const [job] = dropOldDays({ INGEST_RETENTION_DAYS: 35, INGEST_ARCHIVE_DIRECTORY: directory })
  const late = step(job!)
  await until('it to stand still', async () => {
    const waiting = await query(taken, `select from pg_locks where not granted and locktype = 'relation'`)
    return waiting.length > 0
  })
  writeFileSync(join(directory, name), 'the whole day')
  const digest = JSON.stringify([{ source: SOURCE, count: 1, sha256: '00' }])
  const [dropped] = await query(taken, `select events::int from drop_journal_day(?, 1, ?, ?, '00')`, [
    day,
    digest,
    name,
  ])
  expect(dropped).toEqual({ events: 1 })
  await taken.commit()
  await late
  expect(readdirSync(directory).filter((one) => one.includes('unfinished'))).toEqual([])
  expect(readFileSync(join(directory, name), 'utf8')).toBe('the whole day')
})

it('a day with an event that is not published, or deferred, stays; others go without it', async () => {
  const deferred = await past(42, 'msg_deferred', 'defer')
  const published = await past(41, 'msg_published')
  await allPublished()
  const unpublished = await past(40, 'msg_unpublished')
  await query(
    ingest.database.db,
    `update relay_checkpoints set seq = 9e15::bigint, xid = (select xid from webhook_events where event_id = ?) where stream = 'journal'`,
    [published.eventId],
  )
  await work({ INGEST_RETENTION_DAYS: 35 })
  expect([await keeps(deferred.eventId), await keeps(published.eventId), await keeps(unpublished.eventId)]).toEqual([
    true,
    false,
    true,
  ])
  await query(ingest.database.db, `update event_statuses set status = 'received'`)
  await allPublished()
  await work({ INGEST_RETENTION_DAYS: 35 })
  expect([await keeps(deferred.eventId), await keeps(unpublished.eventId)]).toEqual([false, false])
})

it('all is kept unless said otherwise, and the last 30 days whatever the service asks for', async () => {
  const { eventId, day } = await past(40, 'msg_old')
  const recent = await past(29, 'msg_recent')
  await allPublished()
  await work({})
  expect(await keeps(eventId)).toBe(true)
  const asked = await query(ingest.db, `select kept_because from drop_journal_day(?, 1, '[]', null, null)`, [
    recent.day,
  ])
  expect(asked).toEqual([{ kept_because: 'younger_than_30_days' }])
  // Nor where an event came to it after it was archived.
  const late = await query(ingest.db, `select kept_because from drop_journal_day(?, 2, '[]', null, null)`, [day])
  expect(late).toEqual([{ kept_because: 'changed_meanwhile' }])
  await expect(query(ingest.db, 'drop table webhook_events')).rejects.toThrow(/must be owner/)
})
