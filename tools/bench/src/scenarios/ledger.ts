import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Database, openDatabase } from '@tributary/database'
import { provisionDatabase } from '@tributary/provision'
import { leash, startPostgres } from '@tributary/servers'
import type { Figure, ScenarioOptions, ScenarioResult } from '../result.ts'
import { type Binding, makeBareTables, postBare, type Rows } from './ledger-bare.ts'
import { add, type Measured, measure, newGauge, perTransfer, quantile } from './ledger-meter.ts'
import { newPosting, newUuid7, type Posting } from './ledger-postings.ts'
import { newLedgerService, newPoster } from './ledger-service.ts'

const USERS = 1_000
const BATCH = 200

type Series = Readonly<{ name: string; batch: number; hot: boolean; post(postings: readonly Posting[]): Promise<void> }>

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
    const owner = open(ownerUrl)
    await makeBareTables(owner, new URL(url).username)
    const gauge = newGauge(owner, postgres.process.pid)
    const series = allSeries(open(url))
    const totals = new Map<string, Measured>()
    const users = Array.from({ length: USERS }, newUuid7)
    // Short turns: what else runs on the machine then burdens all series alike.
    const turnMs = 400
    for (let round = 0; round < (quick ? 3 : 12); round++) {
      for (const { name, batch, hot, post } of series) {
        const newBatch = () => Array.from({ length: batch }, () => newPosting(users, hot))
        const measured = await measure(gauge, newBatch, post, (_, ms) => ms < turnMs)
        say(
          `${name}: ${Math.round((measured.transfers * 1000) / measured.ms)} /s, ${(perTransfer(measured, 'cpuMs') * 1000).toFixed(1)} us`,
        )
        // The first round warms up: new pages, cached plans, accounts to open.
        if (round > 0) totals.set(name, add(totals.get(name), measured))
      }
    }
    return report(totals)
  } finally {
    await Promise.all(opened.map((db) => db.destroy()))
    await postgres.stop({ remove: true })
  }
}

function allSeries(db: Database): Series[] {
  const full = newPoster(newLedgerService(), db)
  const bare = (rows: Rows, binding: Binding) => (postings: readonly Posting[]) => postBare(db, postings, rows, binding)
  const both = [false, true].flatMap((hot): Series[] => {
    const where = hot ? 'hot' : 'random'
    return [
      { name: `bare ${where}`, batch: BATCH, hot, post: bare('bare', 'bound') },
      { name: `full ${where}`, batch: BATCH, hot, post: full },
      { name: `plain ${where}`, batch: BATCH, hot, post: bare('bare', 'plain') },
      { name: `all ${where}`, batch: BATCH, hot, post: bare('all', 'bound') },
      { name: `lean ${where}`, batch: BATCH, hot, post: bare('lean', 'bound') },
    ]
  })
  return [...both, { name: 'single random', batch: 1, hot: false, post: full }]
}

type Names = [full: string, bare: string, plain: string, all: string, lean: string]

function report(totals: ReadonlyMap<string, Measured>): ScenarioResult {
  const of = (name: string) => totals.get(name)!
  // By the median batch: a mean would measure who else was using the machine.
  const rate = (name: string) =>
    (of(name).transfers / of(name).batchMs.length) * (1000 / quantile(of(name).batchMs, 0.5))
  const cpu = (name: string) => perTransfer(of(name), 'cpuMs') * 1000
  const wal = (name: string) => perTransfer(of(name), 'walBytes')
  // The aim of the ledger: with all guarantees on, no more than twice what writing the rows alone would take.
  const threshold = { atMost: 2 }
  // Bound as well as ours it is just about reached, without the margin that a threshold needs on a busy machine.
  const strict = { threshold: { atMost: 2.5 }, aim: 2 }
  const figures: Figure[] = []
  for (const where of ['random', 'hot']) {
    const [full, bare, plain, all, lean] = ['full', 'bare', 'plain', 'all', 'lean'].map(
      (name) => `${name} ${where}`,
    ) as Names
    figures.push(
      { name: `${where}: transfers`, value: rate(full), unit: '/s' },
      { name: `${where}: PostgreSQL CPU per transfer`, value: cpu(full), unit: 'us' },
      { name: `${where}: WAL per transfer`, value: wal(full), unit: 'B' },
      { name: `${where}: disk per transfer`, value: perTransfer(of(full), 'diskBytes'), unit: 'B' },
      { name: `${where}: batch p99`, value: quantile(of(full).batchMs, 0.99), unit: 'ms' },
      { name: `${where}: CPU of the bare insert, bound alike`, value: cpu(full) / cpu(bare), unit: '', ...strict },
      { name: `${where}: WAL of the bare insert`, value: wal(full) / wal(bare), unit: '', threshold },
      { name: `${where}: CPU of the bare insert, bound plainly`, value: cpu(full) / cpu(plain), unit: '', threshold },
      { name: `${where}: CPU of all rows that are written, bound alike`, value: cpu(full) / cpu(all), unit: '' },
      { name: `${where}: WAL of all rows that are written`, value: wal(full) / wal(all), unit: '' },
      { name: `${where}: CPU of transfers and entries alone`, value: cpu(full) / cpu(lean), unit: '' },
      { name: `${where}: WAL of transfers and entries alone`, value: wal(full) / wal(lean), unit: '' },
    )
  }
  const single = of('single random')
  figures.push(
    {
      name: 'hot account, of random',
      value: rate('full hot') / rate('full random'),
      unit: '',
      threshold: { atLeast: 0.8 },
    },
    { name: 'one transfer per transaction', value: rate('single random'), unit: '/s' },
    { name: 'one transfer per transaction: CPU', value: cpu('single random'), unit: 'us' },
    { name: 'posting transaction of one transfer p50', value: quantile(single.batchMs, 0.5), unit: 'ms' },
    { name: 'posting transaction of one transfer p99', value: quantile(single.batchMs, 0.99), unit: 'ms' },
    { name: 'batched, of one per transaction', value: rate('full random') / rate('single random'), unit: '' },
  )
  return {
    scenario: 'ledger',
    figures,
    notes: [
      `earnings in batches of ${BATCH} over one connection, rates by the median batch; random: ${USERS} users; hot: one user`,
      'full: inbox, lock, load, decide, post_batch (checks, idempotency, entries with running balance, positions, chain), outbox',
      'the bare insert of the same rows: one INSERT ... SELECT unnest for each of transfers, entries, causes and positions, ready-made, ' +
        'and one grouped UPDATE of balances, in one transaction; same keys, indexes and partitioning, no triggers, checks, inbox or outbox',
      'bound alike: arrays in binary and statements prepared, as the ledger has them; bound plainly: arrays as text, parsed each time',
      'all rows that are written: the bare insert with the rows of inbox and outbox, bound alike',
      'transfers and entries alone: the same without causes and positions, the least that any double entry writes',
      'CPU: all processes of the server, from /proc; WAL and disk: what the server itself says, background work included',
    ],
  }
}
