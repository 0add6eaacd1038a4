import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Database, inTransaction, openDatabase, query } from '@tributary/database'
import { ledger } from '@tributary/ledger'
import { type Consumer, newPublisher } from '@tributary/messaging'
import { provisionDatabase } from '@tributary/provision'
import { leash, startPostgres } from '@tributary/servers'
import { quantile as sortedQuantile } from '../load.ts'
import { cpuMs } from '../meter.ts'
import type { Figure, ScenarioOptions, ScenarioResult } from '../result.ts'
import { makeBareTables, postBare } from './ledger-bare.ts'
import { newPosting, newUuid7, type Posting } from './ledger-postings.ts'

const newKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const USERS = 1_000
const BATCH = 200

type Measured = {
  transfers: number
  ms: number
  cpuMs: number
  walBytes: number
  diskBytes: number
  batchMs: number[]
}
type Series = Readonly<{ name: string; batch: number; hot: boolean; post(postings: readonly Posting[]): Promise<void> }>
type Gauge = () => Promise<{ cpuMs: number; walBytes: number; diskBytes: number }>

/**
 * How fast earnings are posted with all guarantees on, as the consumer posts them (inbox, load, decide, post_batch, outbox, one
 * commit), without a broker; against the bare insert of the same rows, and against a transaction for each.
 */
export async function ledgerScenario({ directory, quick, say }: ScenarioOptions): Promise<ScenarioResult> {
  const postgres = await startPostgres({ directory: join(directory, 'postgres') })
  leash([postgres.process])
  const opened: Database[] = []
  const open = (url: string) => {
    const db = openDatabase({ url, applicationName: 'bench', poolMax: 1, statementTimeoutMs: 60_000 })
    opened.push(db)
    return db
  }
  try {
    const passwords = { ownerPassword: randomBytes(16).toString('hex'), password: randomBytes(16).toString('hex') }
    const { url, ownerUrl } = await provisionDatabase({ adminUrl: postgres.url, service: 'ledger', ...passwords })
    await makeBareTables(open(ownerUrl), new URL(url).username)
    const db = open(url)
    const gauge = newGauge(open(postgres.url), postgres.process.pid)
    const series = allSeries(
      db,
      ledger({
        LEDGER_SIGNING_KEY: newKey(),
        LEDGER_ADJUSTMENT_APPROVAL_ABOVE: 10_000,
        LEDGER_CLEARING_MAX_AGE_DAYS: 7,
      }).consumes[0]!,
    )
    const totals = new Map<string, Measured>()
    const users = Array.from({ length: USERS }, newUuid7)
    // Short turns: what else runs on the machine then burdens all series alike.
    const seconds = 0.4
    for (let round = 0; round < (quick ? 3 : 12); round++) {
      for (const one of series) {
        const measured = await measure(one, users, seconds, gauge)
        say(
          `${one.name}: ${Math.round((measured.transfers * 1000) / measured.ms)} /s, ${perTransfer(measured, 'cpuMs', 1000).toFixed(1)} us`,
        )
        // The first round warms up: new pages, cached plans, accounts to open.
        if (round > 0) totals.set(one.name, add(totals.get(one.name), measured))
      }
    }
    return report(totals)
  } finally {
    await Promise.all(opened.map((db) => db.destroy()))
    await postgres.stop({ remove: true })
  }
}

function allSeries(db: Database, onRewardEarned: Consumer): Series[] {
  const full = (postings: readonly Posting[]) => postFully(db, onRewardEarned, postings)
  return [
    { name: 'bare random', batch: BATCH, hot: false, post: (postings) => postBare(db, postings, false) },
    { name: 'full random', batch: BATCH, hot: false, post: full },
    { name: 'lean random', batch: BATCH, hot: false, post: (postings) => postBare(db, postings, true) },
    { name: 'bare hot', batch: BATCH, hot: true, post: (postings) => postBare(db, postings, false) },
    { name: 'full hot', batch: BATCH, hot: true, post: full },
    { name: 'lean hot', batch: BATCH, hot: true, post: (postings) => postBare(db, postings, true) },
    { name: 'single random', batch: 1, hot: false, post: full },
  ]
}

/** As the consumer does it: the inbox remembers the messages, the handler loads, decides and saves, the outbox is written. */
async function postFully(db: Database, onRewardEarned: Consumer, postings: readonly Posting[]): Promise<void> {
  await inTransaction(db, async (tx) => {
    const context = { now: new Date(), newId: newUuid7 }
    const envelopes = postings.map(toEnvelope)
    await query(
      tx,
      `insert into inbox (message_id) select distinct id from unnest(?::uuid[]) id order by id
       on conflict do nothing returning message_id`,
      [envelopes.map(({ messageId }) => messageId)],
    )
    const publisher = newPublisher('ledger', context)
    const outcomes = await onRewardEarned.handle(tx, envelopes, publisher.publish, context)
    const wrong = outcomes.find(({ kind }) => kind !== 'done')
    if (wrong) throw new Error(`an earning was not posted: ${JSON.stringify(wrong)}`)
    await publisher.flush(tx)
  })
}

function toEnvelope({ userId, rewardId, causeId, amount, time }: Posting) {
  const id = newUuid7()
  const data = { rewardId, transactionId: causeId, userId, amount, currency: 'USD' }
  return {
    messageId: id,
    subject: id,
    type: 'reward.earned',
    source: 'rewards',
    time,
    correlationId: newUuid7(),
    causationId: newUuid7(),
    traceparent: null,
    data,
  }
}

async function measure(series: Series, users: readonly string[], seconds: number, gauge: Gauge): Promise<Measured> {
  const before = await gauge()
  const batchMs: number[] = []
  let [transfers, ms] = [0, 0]
  // What is sent is made beside the clock; only the posting counts.
  while (ms < seconds * 1000) {
    const postings = Array.from({ length: series.batch }, () => newPosting(users, series.hot))
    const startedAt = performance.now()
    await series.post(postings)
    const tookMs = performance.now() - startedAt
    batchMs.push(tookMs)
    ms += tookMs
    transfers += postings.length
  }
  const after = await gauge()
  return {
    transfers,
    ms,
    cpuMs: after.cpuMs - before.cpuMs,
    walBytes: after.walBytes - before.walBytes,
    diskBytes: after.diskBytes - before.diskBytes,
    batchMs,
  }
}

function newGauge(admin: Database, pid: number): Gauge {
  return async () => {
    const [row] = await query<{ wal: bigint; disk: bigint }>(
      admin,
      `select (pg_current_wal_insert_lsn() - '0/0')::bigint as wal, pg_database_size('tributary_ledger') as disk`,
    )
    const cpu = cpuMs([{ name: 'postgres', pid }]).get('postgres')!
    return { cpuMs: cpu, walBytes: Number(row!.wal), diskBytes: Number(row!.disk) }
  }
}

function add(sum: Measured | undefined, more: Measured): Measured {
  if (sum === undefined) return more
  return {
    transfers: sum.transfers + more.transfers,
    ms: sum.ms + more.ms,
    cpuMs: sum.cpuMs + more.cpuMs,
    walBytes: sum.walBytes + more.walBytes,
    diskBytes: sum.diskBytes + more.diskBytes,
    batchMs: [...sum.batchMs, ...more.batchMs],
  }
}

const perTransfer = (measured: Measured, what: 'cpuMs' | 'walBytes' | 'diskBytes', factor = 1) =>
  (measured[what] * factor) / measured.transfers

function report(totals: ReadonlyMap<string, Measured>): ScenarioResult {
  const of = (name: string) => totals.get(name)!
  // By the median batch: a mean would measure who else was using the machine.
  const rate = (name: string) =>
    (of(name).transfers / of(name).batchMs.length) * (1000 / quantile(of(name).batchMs, 0.5))
  const cpu = (name: string) => perTransfer(of(name), 'cpuMs', 1000)
  const wal = (name: string) => perTransfer(of(name), 'walBytes')
  const figures: Figure[] = []
  for (const where of ['random', 'hot']) {
    const [full, bare, lean] = [`full ${where}`, `bare ${where}`, `lean ${where}`]
    const p99 = quantile(of(full).batchMs, 0.99)
    figures.push(
      { name: `${where}: transfers`, value: rate(full), unit: '/s' },
      { name: `${where}: PostgreSQL CPU per transfer`, value: cpu(full), unit: 'us' },
      { name: `${where}: WAL per transfer`, value: wal(full), unit: 'B' },
      { name: `${where}: disk per transfer`, value: perTransfer(of(full), 'diskBytes'), unit: 'B' },
      { name: `${where}: batch p99`, value: p99, unit: 'ms' },
      {
        name: `${where}: CPU of the bare insert`,
        value: cpu(full) / cpu(bare),
        unit: '',
        threshold: { atMost: 2.5 },
        aim: 2,
      },
      {
        name: `${where}: WAL of the bare insert`,
        value: wal(full) / wal(bare),
        unit: '',
        threshold: { atMost: 2.5 },
        aim: 2,
      },
      { name: `${where}: CPU of transfers and entries alone`, value: cpu(full) / cpu(lean), unit: '' },
      { name: `${where}: WAL of transfers and entries alone`, value: wal(full) / wal(lean), unit: '' },
    )
  }
  figures.push(
    {
      name: 'hot account, of random',
      value: rate('full hot') / rate('full random'),
      unit: '',
      threshold: { atLeast: 0.8 },
    },
    { name: 'one transfer per transaction', value: rate('single random'), unit: '/s' },
    { name: 'one transfer per transaction: CPU', value: cpu('single random'), unit: 'us' },
    { name: 'batched, of one per transaction', value: rate('full random') / rate('single random'), unit: '' },
  )
  return {
    scenario: 'ledger',
    figures,
    notes: [
      `earnings in batches of ${BATCH} over one connection, rates by the median batch; random: ${USERS} users; hot: one user`,
      'full: inbox, lock, load, decide, post_batch (checks, idempotency, entries with running balance, positions, chain), outbox',
      'the bare insert of the same rows: one INSERT ... SELECT unnest for each of transfers, entries, causes and positions, ready-made, ' +
        'and one grouped UPDATE of balances, in one transaction; same primary keys and partitioning, no triggers, checks, inbox or outbox',
      'transfers and entries alone: the same without causes and positions, the least that any double entry writes',
      'CPU: all processes of the server, from /proc; WAL and disk: what the server itself says, background work included',
    ],
  }
}

const quantile = (values: readonly number[], share: number) =>
  sortedQuantile(
    values.toSorted((a, b) => a - b),
    share,
  )
