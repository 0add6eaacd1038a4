import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { query } from '@tributary/database'
import { defer } from '@tributary/testing'
import { expect, it } from 'vitest'
import { digestsOfDay } from '../src/store/digests.ts'
import { get, type Ingest, newId, send, startIngest } from './sender.ts'

type Digest = { date: string; isFinal: boolean; items: { source: string; count: number; sha256: string }[] }

const DAY_MS = 86_400_000
const dayOf = (time: Date) => time.toISOString().slice(0, 10)
const digest = async (ingest: Ingest, date: string) =>
  await get<Digest>(ingest, `/api/v1/webhooks/digest?date=${encodeURIComponent(date)}`)

/** As the page tells a sender to, over a file of ids. */
function bySender(ids: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'digest-'))
  defer(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'ids.txt'), ids.map((id) => `${id}\n`).join(''))
  const page = readFileSync(join(import.meta.dirname, '../../../docs/receipts.md'), 'utf8')
  const command = /```sh digest\n([^`]+)```/.exec(page)![1]!
  return execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' }).slice(0, 64)
}

it('a sender who hashes the ids that were accepted gets the same, in any order and with repetitions', async () => {
  const ingest = await startIngest()
  const today = dayOf(ingest.clock.now())
  const ids = [...Array.from({ length: 30 }, newId), 'B', 'a', 'A-b', 'a:b', '~', '!', 'Z']
  for (const id of ids) await send(ingest, { id })
  await send(ingest, { id: ids[3]! })
  await send(ingest, { id: ids[4]!, body: '{"another":"body"}' })
  const { status, body } = await digest(ingest, today)
  expect({ status, body }).toEqual({
    status: 200,
    body: { date: today, isFinal: false, items: [{ source: 'default', count: 37, sha256: bySender(ids) }] },
  })
  expect(bySender([...ids.toReversed(), ids[3]!])).toBe(body.items[0]!.sha256)
  expect(bySender(ids.slice(1))).not.toBe(body.items[0]!.sha256)
  // In pages of any size it is the same.
  expect(await digestsOfDay(ingest.db, new Date(`${today}T00:00:00Z`), 4)).toEqual(body.items)
})

it('a day is in UTC, each source has its own, and one with nothing is the hash of nothing', async () => {
  const ingest = await startIngest()
  const today = dayOf(ingest.clock.now())
  const start = new Date(`${today}T00:00:00Z`).getTime()
  const insert = (ms: number, source: string, id: string) =>
    query(
      ingest.database.db,
      `insert into webhook_events (event_id, received_at, time, source, webhook_id, type, body)
       values (?::uuid, now(), now(), ?, ?, 'x.y', '')`,
      [
        `${(start + ms)
          .toString(16)
          .padStart(12, '0')
          .replace(/^(.{8})/, '$1-')}-7000-8000-000000000000`,
        source,
        id,
      ],
    )
  await insert(-1, 'default', 'yesterday')
  await insert(0, 'default', 'first')
  await insert(1, 'stripe', 'other')
  await insert(DAY_MS, 'default', 'tomorrow')
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  expect((await digest(ingest, today)).body.items).toEqual([
    { source: 'default', count: 1, sha256: sha256('first\n') },
    { source: 'stripe', count: 1, sha256: sha256('other\n') },
  ])
  expect((await digest(ingest, '2020-02-29')).body).toEqual({
    date: '2020-02-29',
    isFinal: true,
    items: [{ source: 'default', count: 0, sha256: sha256('') }],
  })
})

it('a day is final five minutes after it, and one to come is refused', async () => {
  const ingest = await startIngest()
  const now = ingest.clock.now()
  for (const date of [
    dayOf(new Date(now.getTime() + DAY_MS)),
    '2026-02-30',
    '0000-01-01',
    '2026-1-1',
    'today',
    '',
    '%00',
  ]) {
    const { status, body } = await digest(ingest, date)
    expect([date, status, body]).toMatchObject([date, 422, { code: 'payload_invalid' }])
  }
  expect((await get(ingest, '/api/v1/webhooks/digest')).status).toBe(422)
  const today = dayOf(now)
  const midnight = new Date(`${today}T00:00:00Z`).getTime() + DAY_MS
  ingest.clock.forward({ seconds: (midnight - now.getTime()) / 1000 + 240 })
  expect((await digest(ingest, today)).body.isFinal).toBe(false)
  ingest.clock.forward({ minutes: 2 })
  expect((await digest(ingest, today)).body.isFinal).toBe(true)
})
