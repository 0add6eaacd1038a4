import { generateKeyPairSync } from 'node:crypto'
import { openDatabase, query } from '@tributary/database'
import {
  type CutLine,
  cutLine,
  type ServiceProcess,
  type Spy,
  serviceProcess,
  settled,
  spy,
  type TestBroker,
  type TestDatabase,
  testBroker,
  testDatabase,
  testEnvironment,
  until,
} from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, expect, test } from 'vitest'
import { verifyBooks } from '../src/store/verify-books.ts'
import { brokenInvariants } from './model/invariants.ts'
import { publishAll, toMessage } from './publish.ts'
import { type Request, request } from './rig.ts'
import { type Caught, type Step, steps, type Trap, trapAt } from './trap.ts'

/** A process of the ledger, with lines to its servers that can be cut. */
type Worker = Readonly<{ process: ServiceProcess; database: CutLine; broker: CutLine }>

let broker: TestBroker
let database: TestDatabase
let ears: Spy
const workers = new Map<string, Worker>()
const asked: Request[] = []

beforeAll(async () => {
  ;[broker, database] = await Promise.all([testBroker(), testDatabase('ledger')])
  ears = await spy(broker, 'transfer.#')
  const { privateKey } = generateKeyPairSync('ed25519')
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const name of ['one', 'two']) {
    const [toDatabase, toBroker] = [await cutLine(database.url), await cutLine(broker.urls.ledger)]
    const url = new URL(toDatabase.url)
    url.searchParams.set('application_name', name)
    const environment = await testEnvironment(url.href, toBroker.url)
    const process = await serviceProcess('ledger', { ...environment, LEDGER_SIGNING_KEY: key })
    workers.set(name, { process, database: toDatabase, broker: toBroker })
  }
  await Promise.all([...workers.values()].map(({ process }) => process.start()))
})

let earnedBefore: readonly Request[] = []

/**
 * Earnings, and what becomes of those of the turn before: with two processes, a release may overtake what was published
 * just before it, and would come again after seconds.
 */
function keepAsking(): Promise<void> {
  const users = [v7(), v7(), v7()]
  const earned = Array.from({ length: 40 }, (_, index) => request('earn', { userId: users[index % 3]! }))
  const next = earnedBefore.flatMap((one, index): Request[] => [
    { ...one, kind: 'release', causeId: v7() },
    ...(index % 3 === 0 ? [{ ...one, kind: 'reverse', causeId: v7(), amount: 30n } as const] : []),
  ])
  earnedBefore = earned
  const requests = [...earned, ...next]
  asked.push(...requests)
  const messages = requests.map(toMessage)
  // Some come twice, as the same message and under a message of their own.
  const again = requests.filter((_, index) => index % 7 === 0).map(toMessage)
  return publishAll(broker, [...messages, ...messages.filter((_, index) => index % 5 === 0), ...again])
}

/** What holds when everything has come to rest: nothing was lost, nothing happened twice, everybody was told. */
async function expectEachOnce(): Promise<void> {
  await until('all to be answered', async () => (await count('causes')) >= asked.length)
  await settled({ broker, databases: { ledger: database } })
  const causes = await query<{ id: string; outcome: string }>(database.db, 'select cause_id as id, outcome from causes')
  expect(causes.map(({ id }) => id).sort()).toEqual(asked.map(({ causeId }) => causeId).sort())
  expect(causes.filter(({ outcome }) => outcome !== 'posted')).toEqual([])
  const [{ moved }] = (await query<{ moved: bigint }>(
    database.db,
    `select coalesce(sum(b.balance), 0)::bigint as moved from balances b join accounts a on a.id = b.account_id where a.kind = 'user:available'`,
  )) as [{ moved: bigint }]
  const total = (kind: Request['kind']) =>
    asked.filter((one) => one.kind === kind).reduce((sum, { amount }) => sum + amount, 0n)
  expect(moved).toBe(total('release') - total('reverse'))
  expect(await brokenInvariants(database.db)).toEqual([])
  await expectEachTold()
  const ledger = openDatabase({ url: database.url, applicationName: 'test', poolMax: 1 })
  const report = await verifyBooks(ledger)
  await ledger.destroy()
  expect(report.checks.filter(({ status }) => status !== 'passed')).toEqual([])
}

/** Each transfer is in the outbox once, and was heard at least once, always under the same subject. */
async function expectEachTold(): Promise<void> {
  const transfers = await query<{ id: string }>(database.db, 'select id from transfers')
  const rows = await query<{ payload: string; subject: string }>(database.db, 'select payload, subject from outbox')
  const subjects = new Map(
    rows.map(({ payload, subject }) => [(JSON.parse(payload) as { transferId: string }).transferId, subject]),
  )
  expect(rows).toHaveLength(transfers.length)
  expect([...subjects.keys()].sort()).toEqual(transfers.map(({ id }) => id).sort())
  await until('all transfers to be heard', () => new Set(ears.all().map(({ subject }) => subject)).size >= rows.length)
  for (const { data, subject } of ears.all()) expect(subject).toBe(subjects.get(String(data.transferId)))
}

/** Has one of the two caught at this step, in the middle of the work. */
async function catchOne(step: Step): Promise<Caught & Worker & Pick<Trap, 'release'>> {
  const { caught, release } = await trapAt(step, database)
  await keepAsking()
  const found = await caught()
  return { ...found, ...workers.get(found.who)!, release }
}

test.each(steps)('a process is killed %s: the other goes on, and everything happens once', async (step) => {
  const { process, release } = await catchOne(step)
  await process.kill()
  await release()
  await Promise.all([expectEachOnce(), process.start()])
})

test('a process is killed after its commit, before the broker hears of it: what comes again changes nothing', async () => {
  const caught = await catchOne('with all written, before it has told anybody')
  const before = await count('batches')
  caught.broker.freeze()
  await caught.release()
  await until('the commit', async () => (await count('batches')) > before)
  await caught.process.kill()
  caught.broker.mend()
  await Promise.all([expectEachOnce(), caught.process.start()])
})

// Every other step: the two ways to lose a connection differ in who notices first.
test.each(steps.filter((_, index) => index % 2 === 0))(
  'a process loses its connection %s: it goes on with another',
  async (step) => {
    const { database: line, release } = await catchOne(step)
    line.cut()
    await release()
    line.mend()
    await expectEachOnce()
  },
)

test.each(steps.filter((_, index) => index % 2 === 1))(
  'PostgreSQL ends the connection %s: the batch is undone, and done again',
  async (step) => {
    const { pid, release } = await catchOne(step)
    await query(database.db, 'select pg_terminate_backend(?)', [pid])
    await release()
    await expectEachOnce()
  },
)

async function count(table: 'batches' | 'causes'): Promise<number> {
  const [row] = await query<{ count: number }>(database.db, `select count(*)::int as count from ${table}`)
  return row!.count
}
