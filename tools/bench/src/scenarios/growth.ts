import { setTimeout as sleep } from 'node:timers/promises'
import { query } from '@tributary/database'
import { runLoad } from '../load.ts'
import type { Figure, ScenarioOptions, ScenarioResult } from '../result.ts'
import { type Servers, startServers, withServices } from '../stack.ts'
import {
  type Asked,
  folderOf,
  type GrownLedger,
  growLedger,
  type Place,
  type Read,
  reads,
  startPlace,
} from './growth-ledger.ts'
import { add, type Measured, measure, perTransfer, quantile } from './ledger-meter.ts'

const BATCH = 200
/** What the thresholds are about. */
const JUDGED = 1_000_000
const atMostMs: Readonly<Record<Read, number>> = { balance: 5, 'as-of recorded': 25, 'as-of effective': 25 }

/** What a size was measured to take. */
type Row = {
  ledger: GrownLedger
  batches?: Measured
  singles?: Measured
  /** Milliseconds by read and user, through the route's handler; and of questions for nothing. */
  readMs: Map<string, number[]>
}

const NOTHING = 'an empty query'

/**
 * Whether posting and reading get slower as the ledger grows: ledgers of growing sizes, each on a server of its own, take turns
 * with the same work. The largest then answers over HTTP, with all services running.
 */
export async function growthScenario({ directory, quick, large, say }: ScenarioOptions): Promise<ScenarioResult> {
  const sizes = quick ? [10_000, 50_000] : [10_000, 100_000, JUDGED, ...(large ? [10_000_000] : [])]
  const rounds = quick ? 3 : 13
  const undo: (() => Promise<void>)[] = []
  try {
    const servers = await startServers(directory, say)
    undo.push(() => servers.stop())
    const rows: Row[] = []
    for (const entries of sizes) {
      say(`posting ${entries.toLocaleString('en-US')} entries`)
      const place = entries === sizes.at(-1) ? placeOf(servers) : await startPlace(folderOf(directory, entries), undo)
      rows.push({ ledger: await growLedger(place, entries, undo), readMs: new Map() })
    }
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`)
      // The first round warms up: cached plans, pages read back.
      for (const row of rows) await takeTurn(row, round > 0)
    }
    say('over HTTP')
    const http = await measureHttp(servers, directory, rows.at(-1)!.ledger, quick ? 200 : 2_000)
    return report(rows, http)
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}

function placeOf({ access, adminUrl, processes }: Servers): Place {
  const pid = processes.find(({ name }) => name === 'postgres')!.pid
  return { url: access.ledger.databaseUrl, adminUrl: adminUrl('ledger'), pid }
}

/** Short, so that what else runs on the machine burdens all sizes alike, and so that the smallest does not grow much meanwhile. */
async function takeTurn(row: Row, counts: boolean): Promise<void> {
  const { gauge, newPostings, post, newAsked, ask } = row.ledger
  const batches = await measure(
    gauge,
    () => newPostings(BATCH),
    post,
    (posted) => posted < 5,
  )
  const singles = await measure(
    gauge,
    () => newPostings(1),
    post,
    (posted) => posted < 40,
  )
  const { askNothing } = row.ledger
  const readMs = new Map([[NOTHING, await time(() => askNothing)]])
  for (const read of reads) {
    for (const hot of [false, true]) {
      const question = () => {
        const asked = newAsked(read, hot)
        return () => ask(asked)
      }
      readMs.set(nameOf(read, hot), await time(question))
    }
  }
  if (!counts) return
  row.batches = add(row.batches, batches)
  row.singles = add(row.singles, singles)
  for (const [name, took] of readMs) row.readMs.set(name, [...(row.readMs.get(name) ?? []), ...took])
}

/** Milliseconds of each of a hundred questions, one after the other; each is made beside the clock. */
async function time(newQuestion: () => () => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (let count = 0; count < 100; count++) {
    const ask = newQuestion()
    const startedAt = performance.now()
    await ask()
    took.push(performance.now() - startedAt)
  }
  return took
}

const nameOf = (read: Read, hot: boolean) => `${read}, ${hot ? 'hot user' : 'random users'}`

type HttpFigures = ReadonlyMap<string, Readonly<{ p50Ms: number; p99Ms: number; read: Read }>>

async function measureHttp(
  servers: Servers,
  directory: string,
  ledger: GrownLedger,
  requests: number,
): Promise<HttpFigures> {
  // What was posted without a broker has nobody to go to.
  const admin = servers.open('ledger')
  await query(admin, 'truncate inbox, outbox')
  await markVerified(admin)
  try {
    return await withServices(servers, directory, {}, async (services) => {
      await untilSigned(admin)
      const { hostname, port, host } = new URL(services.url('ledger'))
      const figures = new Map<string, { p50Ms: number; p99Ms: number; read: Read }>()
      for (const read of reads) {
        for (const hot of [false, true]) {
          let left = requests
          const next = () => (left-- > 0 ? toRequest(host, services.token, ledger.newAsked(read, hot)) : undefined)
          const { statuses, firstRefusal, p50Ms, p99Ms } = await runLoad({
            host: hostname,
            port: Number(port),
            connections: 2,
            next,
          })
          if (statuses.get(200) !== requests) throw new Error(`${nameOf(read, hot)}: ${firstRefusal}`)
          figures.set(nameOf(read, hot), { p50Ms, p99Ms, read })
        }
      }
      return figures
    })
  } finally {
    await admin.destroy()
  }
}

/** A service that starts looks at everything that was posted without it, minutes of work for a million entries: not what is measured here. */
async function markVerified(admin: ReturnType<Servers['open']>): Promise<void> {
  await query(
    admin,
    `update verification_progress set batch = h.batch, posted_at = h.posted_at, hash = h.hash, last_transfer = h.last_transfer,
       last_account = h.last_account, compared_to = h.posted_at from ledger_head h`,
  )
}

/** It signs that, too; half a minute, which is waited for. */
async function untilSigned(admin: ReturnType<Servers['open']>): Promise<void> {
  const deadline = performance.now() + 180_000
  for (;;) {
    const [row] = await query<{ done: boolean }>(
      admin,
      'select coalesce((select max(last_batch) from checkpoints), 0) >= batch as done from ledger_head',
    )
    if (row?.done) return
    if (performance.now() > deadline) throw new Error('gave up waiting for the ledger to sign what was posted')
    await sleep(250)
  }
}

function toRequest(host: string, token: string, { userId, asOf, basis }: Asked): Buffer {
  const search = new URLSearchParams({ basis, ...(asOf === undefined ? {} : { asOf }) }).toString()
  return Buffer.from(
    `GET /api/v1/users/${userId}/balance?${search} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
}

function report(rows: readonly Row[], http: HttpFigures): ScenarioResult {
  const cpu = ({ batches }: Row) => perTransfer(batches!, 'cpuMs') * 1_000
  const figures = rows.flatMap((row, index): Figure[] => {
    const { ledger, batches, singles, readMs } = row
    const size = ledger.entries.toLocaleString('en-US')
    const isJudged = ledger.entries === JUDGED
    const ratio = { name: `${size}: CPU of the first row`, value: cpu(row) / cpu(rows[0]!), unit: '' }
    return [
      { name: `${size}: PostgreSQL CPU per transfer`, value: cpu(row), unit: 'us' },
      ...(index === 0 ? [] : [{ ...ratio, ...(isJudged ? { threshold: { atMost: 1.1 } } : {}) }]),
      { name: `${size}: WAL per transfer`, value: perTransfer(batches!, 'walBytes'), unit: 'B' },
      { name: `${size}: disk per transfer`, value: ledger.bytesPerTransfer, unit: 'B' },
      { name: `${size}: posting transaction of ${BATCH} p99`, value: quantile(batches!.batchMs, 0.99), unit: 'ms' },
      { name: `${size}: posting transaction of one p99`, value: quantile(singles!.batchMs, 0.99), unit: 'ms' },
      { name: `${size}: ${NOTHING} p99`, value: quantile(readMs.get(NOTHING)!, 0.99), unit: 'ms' },
      ...reads.flatMap((read) =>
        [false, true].flatMap((hot): Figure[] => {
          const name = nameOf(read, hot)
          const p99 = { name: `${size}: ${name} p99`, value: quantile(readMs.get(name)!, 0.99), unit: 'ms' }
          return [
            { name: `${size}: ${name} p50`, value: quantile(readMs.get(name)!, 0.5), unit: 'ms' },
            { ...p99, ...(isJudged ? { threshold: { atMost: atMostMs[read] } } : {}) },
          ]
        }),
      ),
    ]
  })
  const last = rows.at(-1)!.ledger.entries
  const overHttp = [...http].flatMap(([name, { p50Ms, p99Ms, read }]): Figure[] => [
    { name: `HTTP, ${name} p50`, value: p50Ms, unit: 'ms' },
    {
      name: `HTTP, ${name} p99`,
      value: p99Ms,
      unit: 'ms',
      ...(last === JUDGED ? { threshold: { atMost: atMostMs[read] } } : {}),
    },
  ])
  return { scenario: 'growth', figures: [...figures, ...overHttp], notes: notesOf(rows) }
}

function notesOf(rows: readonly Row[]): string[] {
  const [first] = rows
  const grown = first!.batches!.transfers + first!.singles!.transfers
  return [
    'each size on a PostgreSQL of its own, filled by the way that every event takes (inbox, load, decide, post_batch, outbox); then ' +
      `the sizes take turns of 5 batches of ${BATCH} earnings, 40 single ones and 600 reads`,
    `half of all entries are one user's, the others of 1,000; all in one month; the first row grows by ${2 * grown} entries meanwhile`,
    'reads go through the handlers of the routes, as of instants at random since the first posting; events are up to 100 ms late; ' +
      'an empty query is what any question takes at least, on this machine at this time',
    `HTTP: the largest size, all services running, 2 connections, the load generator on the same cores`,
    'CPU: all processes of the server, from /proc, to the microsecond; disk: what stays, without inbox and outbox',
  ]
}
