import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, query } from '@tributary/database'
import { provisionDatabase } from '@tributary/provision'
import { leash, startPostgres } from '@tributary/servers'
import type { Figure, ScenarioOptions, ScenarioResult } from '../result.ts'
import { emptyService, startEmptyServer, startIngest } from './ingest-process.ts'
import { CONNECTIONS, measureIntake, newRequests, type Round, type Target } from './intake-load.ts'

/** Of which the first ones warm up: code is compiled, connections are made. */
const ROUNDS = 9
const WARMING = 2
const BATCH_MAX = 128

type Measured = Target & Readonly<{ name: string; rounds: Round[] }>
type Undo = (() => Promise<unknown>)[]

/**
 * How many webhooks a second are accepted, each answered after its commit; against an empty handler, against the same
 * service with a commit for each, and against the same with a million ids already known. Generator, servers and
 * databases share the machine. No broker runs: a sender never waits for it.
 */
export async function intakeScenario({ directory, quick, large, say }: ScenarioOptions): Promise<ScenarioResult> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const known = [quick ? 10_000 : 1_000_000, ...(large ? [10_000_000] : [])]
  const undo: Undo = []
  try {
    const place = await startPlace(join(directory, 'postgres'), undo)
    const empty = await startEmptyServer()
    undo.push(empty.stop)
    const targets: Measured[] = [{ name: 'empty', ...empty, postgresPid: null, rounds: [] }]
    const add = async (name: string, { url, adminUrl, pid }: Place, batchMax: number) => {
      const ingest = await startIngest({ directory, name, databaseUrl: url, secret, batchMax })
      undo.push(ingest.stop)
      await limitMonth(adminUrl)
      targets.push({ name, ...ingest, postgresPid: pid, rounds: [] })
    }
    const kit = { directory, name: 'kit', databaseUrl: place.url, secret, batchMax: BATCH_MAX, main: emptyService }
    const emptyKit = await startIngest(kit)
    undo.push(emptyKit.stop)
    targets.push({ name: 'kit', ...emptyKit, postgresPid: null, rounds: [] })
    await add('grouped', place, BATCH_MAX)
    await add('single', place, 1)
    for (const count of known) {
      const grown = await startPlace(join(directory, `postgres-${count}`), undo)
      say(`storing ${count.toLocaleString('en-US')} ids`)
      await fillIds(grown.adminUrl, count)
      await add(nameOf(count), grown, BATCH_MAX)
    }
    const accepted = await takeTurns(targets, secret, quick, say)
    await expectStored(place.adminUrl, accepted.get('grouped')! + accepted.get('single')!)
    return report(targets, known)
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}

const nameOf = (known: number) => `with ${known.toLocaleString('en-US')} ids known`

type Place = Readonly<{ url: string; adminUrl: string; pid: number }>

/** A PostgreSQL with ingest's database in it. */
async function startPlace(directory: string, undo: Undo): Promise<Place> {
  const postgres = await startPostgres({ directory })
  leash([postgres.process])
  undo.push(() => postgres.stop({ remove: true }))
  const passwords = { ownerPassword: randomBytes(16).toString('hex'), password: randomBytes(16).toString('hex') }
  const { url } = await provisionDatabase({ adminUrl: postgres.url, service: 'ingest', ...passwords })
  const adminUrl = new URL(postgres.url)
  adminUrl.pathname = '/tributary_ingest'
  return { url, adminUrl: adminUrl.href, pid: postgres.process.pid }
}

/** A quota that no run reaches: each event is counted against it, where without one nothing would be. */
async function limitMonth(adminUrl: string): Promise<void> {
  // A first start stores its configuration a moment after it is ready.
  for (let tries = 0; tries < 100; tries++) {
    const sql = 'update system_configs set enterprise_events_per_month = 1000000000 where id = 1 returning id'
    if ((await asAdmin(adminUrl, sql)).length === 1) return
    await sleep(100)
  }
  throw new Error('ingest has no configuration to put a quota into')
}

/** The ids alone: the events of earlier days lie in partitions that no insert meets. */
async function fillIds(adminUrl: string, count: number): Promise<void> {
  const chunk = 1_000_000
  for (let done = 0; done < count; done += chunk) {
    await asAdmin(
      adminUrl,
      `insert into idempotency_keys (source, webhook_id, body_sha256, event_id)
       select 'default', 'msg_' || substr(translate(encode(sha256(n::text::bytea), 'base64'), '+/=', '-_'), 1, 19),
         sha256(n::text::bytea), gen_random_uuid()
       from generate_series(?::int, ?::int) n`,
      [done + 1, Math.min(done + chunk, count)],
    )
  }
  await asAdmin(adminUrl, 'vacuum analyze idempotency_keys')
  // What the filling left to be written would else be written during the first rounds.
  await asAdmin(adminUrl, 'checkpoint')
}

async function asAdmin<Row>(adminUrl: string, sql: string, bindings: readonly unknown[] = []): Promise<Row[]> {
  const db = openDatabase({ url: adminUrl, applicationName: 'bench', poolMax: 1, statementTimeoutMs: 600_000 })
  try {
    return await query<Row>(db, sql, bindings)
  } finally {
    await db.destroy()
  }
}

/** Short rounds close to each other, so that what else the machine does meets all alike. Answers what each accepted. */
async function takeTurns(
  targets: readonly Measured[],
  secret: string,
  quick: boolean,
  say: (line: string) => void,
): Promise<Map<string, number>> {
  const seconds = quick ? 1 : 2.5
  const accepted = new Map(targets.map(({ name }) => [name, 0]))
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    for (const target of targets) {
      // More than can be taken in the time.
      const requests = newRequests(secret, target.port, seconds * 25_000)
      const measured = await measureIntake(target, requests, seconds * 1000)
      accepted.set(target.name, accepted.get(target.name)! + measured.answers)
      if (quick || round >= WARMING) target.rounds.push(measured)
      say(`${target.name}: ${Math.round(measured.rate)} /s, p99 ${measured.p99Ms.toFixed(1)} ms`)
    }
  }
  return accepted
}

async function expectStored(adminUrl: string, accepted: number): Promise<void> {
  const [row] = await asAdmin<{ stored: bigint }>(adminUrl, 'select count(*) as stored from webhook_events')
  if (row?.stored !== BigInt(accepted)) throw new Error(`${accepted} were accepted, ${row?.stored} are stored`)
}

function report(targets: readonly Measured[], known: readonly number[]): ScenarioResult {
  const roundsOf = (name: string) => targets.find((target) => target.name === name)!.rounds
  const of = (name: string, field: keyof Round) => median(roundsOf(name).map((round) => round[field]))
  const against = (name: string, other: string) =>
    median(roundsOf(name).map(({ rate }, round) => rate / roundsOf(other)[round]!.rate))
  const cpu = (name: string, field: keyof Round, label: string): Figure => ({
    name: `CPU per request, ${label}`,
    value: of(name, field),
    unit: 'us',
  })
  return {
    scenario: 'intake',
    figures: [
      { name: 'accepted webhooks', value: of('grouped', 'rate'), unit: '/s' },
      { name: 'ack p50', value: of('grouped', 'p50Ms'), unit: 'ms' },
      { name: 'ack p99', value: of('grouped', 'p99Ms'), unit: 'ms', threshold: { atMost: 50 } },
      { name: 'empty handler, same server', value: of('kit', 'rate'), unit: '/s' },
      ofEmpty('an empty handler, same server', against('grouped', 'kit')),
      { name: 'empty handler, bare Fastify', value: of('empty', 'rate'), unit: '/s' },
      ofEmpty('an empty handler, bare Fastify', against('grouped', 'empty')),
      { name: 'one insert per request', value: of('single', 'rate'), unit: '/s' },
      {
        name: 'of one insert per request',
        value: against('grouped', 'single'),
        unit: '',
        threshold: { atLeast: 1.7 },
        aim: 2,
      },
      ...known.flatMap((count): Figure[] => [
        { name: nameOf(count), value: of(nameOf(count), 'rate'), unit: '/s' },
        {
          name: `${nameOf(count)}, of none`,
          value: against(nameOf(count), 'grouped'),
          unit: '',
          threshold: { atLeast: 0.9 },
        },
      ]),
      cpu('kit', 'serverUs', 'empty handler, same server'),
      cpu('empty', 'serverUs', 'empty handler, bare Fastify'),
      cpu('grouped', 'serverUs', 'ingest'),
      cpu('grouped', 'postgresUs', 'PostgreSQL'),
      cpu('grouped', 'generatorUs', 'generator'),
      cpu('single', 'serverUs', 'ingest, one insert per request'),
      cpu('single', 'postgresUs', 'PostgreSQL, one insert per request'),
      ...known.map((count) => cpu(nameOf(count), 'postgresUs', `PostgreSQL, ${nameOf(count)}`)),
      {
        name: 'most of a bare Fastify, by CPU',
        value: of('empty', 'serverUs') / of('grouped', 'serverUs'),
        unit: '',
      },
    ],
    notes,
  }
}

const ofEmpty = (what: string, value: number): Figure => {
  return { name: `of ${what}`, value, unit: '', threshold: { atLeast: 0.27 }, aim: 0.35 }
}

const notes = [
  `${CONNECTIONS} connections; generator, servers and databases share the machine; no broker runs`,
  'medians of rounds; the ratios are medians of the ratios within each round; on a busy machine they fall, since ' +
    'a commit then waits for two processes to get their turn, and an empty handler for one',
  'the same server is ingest’s process with a handler that does nothing: request ids, metrics and the reading of the body as ' +
    'ingest has them; the bare Fastify reads and parses the body and has nothing of ours',
  'both servers run their JavaScript in one thread, which is what both are limited by; so the ratio can be at most that ' +
    'of their CPU per request, and is less where PostgreSQL and the generator need more than the other core',
  'one insert per request is the same statement with one row, on up to 20 connections',
  'ids already known lie in a database of its own server, in random order as the new ones; the sides take turns',
]

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
