import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, query } from '@tributary/database'
import { provisionDatabase } from '@tributary/provision'
import { freePorts, identify, leash, startPostgres, tail } from '@tributary/servers'
import { type LoadResult, runLoad } from '../load.ts'
import { cpuMs } from '../meter.ts'
import type { ScenarioOptions, ScenarioResult } from '../result.ts'
import { signedRequests } from '../webhooks.ts'

const CONNECTIONS = 64
const ROUNDS = 7
const root = join(import.meta.dirname, '../../../..')

type Target = Readonly<{ name: 'empty' | 'grouped' | 'single'; port: number; pid: number }>
type Round = Readonly<{ rate: number; p50Ms: number; p99Ms: number; cpuUs: number }>

/**
 * How many webhooks a second are accepted, each answered after its commit; against an empty handler, and against the same
 * service with a commit for each. Generator, server and database share the machine. No broker runs: a sender never
 * waits for it.
 */
export async function intakeScenario({ directory, quick, say }: ScenarioOptions): Promise<ScenarioResult> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const postgres = await startPostgres({ directory: join(directory, 'postgres') })
  leash([postgres.process])
  const children: ChildProcess[] = []
  try {
    const passwords = { ownerPassword: randomBytes(16).toString('hex'), password: randomBytes(16).toString('hex') }
    const { url } = await provisionDatabase({ adminUrl: postgres.url, service: 'ingest', ...passwords })
    const started = [
      await startEmpty(children),
      await startIngest('grouped', { directory, url, secret, batchMax: 128 }, children),
      await startIngest('single', { directory, url, secret, batchMax: 1 }, children),
    ]
    const rounds = new Map<Target['name'], Round[]>(started.map(({ name }) => [name, []]))
    // Short rounds close to each other, so that what else the machine does meets all three alike.
    const seconds = quick ? 1 : 2.5
    let accepted = 0
    for (let round = 0; round < (quick ? 1 : ROUNDS + 1); round++) {
      for (const target of started) {
        const result = await measure(target, secret, seconds, postgres.process.pid)
        if (target.name !== 'empty') accepted += result.load.answers
        // The first round warms up.
        if (round > 0 || quick) rounds.get(target.name)!.push(result)
        say(`${target.name}: ${Math.round(result.rate)} /s, p99 ${result.p99Ms.toFixed(1)} ms`)
      }
    }
    await expectStored(postgres.url, accepted)
    return report(rounds)
  } finally {
    for (const child of children) await stopChild(child)
    await postgres.stop({ remove: true })
  }
}

async function measure(target: Target, secret: string, seconds: number, postgresPid: number) {
  // More than can be stored in the time, all with ids of their own; the empty handler does not mind the same ones again.
  const requests = newRequests(secret, target.port, seconds * 25_000)
  let sent = 0
  const metered = [
    { name: 'server', pid: target.pid },
    { name: 'postgres', pid: postgresPid },
  ]
  const before = cpuMs(metered)
  const load = await runLoad({
    host: '127.0.0.1',
    port: target.port,
    connections: CONNECTIONS,
    next: () => (target.name === 'empty' ? requests[sent++ % requests.length] : requests.pop()),
    maxMs: seconds * 1000,
  })
  expectAccepted(target, load)
  const after = cpuMs(metered)
  const used = metered.reduce((total, { name }) => total + after.get(name)! - before.get(name)!, 0)
  const rate = (load.answers * 1000) / load.elapsedMs
  return { load, rate, p50Ms: load.p50Ms, p99Ms: load.p99Ms, cpuUs: (used * 1000) / load.answers }
}

function newRequests(secret: string, port: number, count: number): Buffer[] {
  const run = randomBytes(6).toString('hex')
  return signedRequests(
    secret,
    `127.0.0.1:${port}`,
    Array.from({ length: count }, (_, index) => ({
      id: `msg_${run}_${index}`,
      type: 'subscription.paid',
      timestamp: new Date(),
      data: {
        externalUserId: `customer-${index % 1000}`,
        invoiceId: `in_${run}_${index}`,
        subscriptionId: `sub_${index % 1000}`,
        amount: 4900,
        currency: 'USD',
        period: 2,
        productId: 'pro-monthly',
      },
    })),
  )
}

/** A refusal is quicker than an acceptance: one of them, and the figures mean nothing. */
function expectAccepted({ name }: Target, { statuses, answers, firstRefusal }: LoadResult): void {
  if (statuses.get(202) !== answers) throw new Error(`${name} refused a webhook: ${firstRefusal}`)
}

async function expectStored(adminUrl: string, accepted: number): Promise<void> {
  const url = new URL(adminUrl)
  url.pathname = '/tributary_ingest'
  const db = openDatabase({ url: url.href, applicationName: 'bench', poolMax: 1, statementTimeoutMs: 60_000 })
  try {
    const [row] = await query<{ stored: bigint }>(db, 'select count(*) as stored from webhook_events')
    if (row?.stored !== BigInt(accepted)) throw new Error(`${accepted} were accepted, ${row?.stored} are stored`)
  } finally {
    await db.destroy()
  }
}

async function startEmpty(children: ChildProcess[]): Promise<Target> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'empty-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  leash([identify(child.pid!)!])
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { name: 'empty', port: Number(line), pid: child.pid! }
}

type IngestOptions = Readonly<{ directory: string; url: string; secret: string; batchMax: number }>

async function startIngest(
  name: 'grouped' | 'single',
  { directory, url, secret, batchMax }: IngestOptions,
  children: ChildProcess[],
): Promise<Target> {
  const [port, metricsPort, noBroker] = (await freePorts(3)) as [number, number, number]
  const logFile = join(directory, `${name}.log`)
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [join(root, 'services/ingest/src/main.ts')], {
    stdio: ['ignore', log, log],
    env: {
      PATH: '/usr/bin:/bin',
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HTTP_PORT: String(port),
      METRICS_PORT: String(metricsPort),
      DATABASE_URL: url,
      // For one insert per request; groups need two.
      DATABASE_POOL_MAX: '20',
      AMQP_URL: `amqp://127.0.0.1:${noBroker}`,
      AUTH_ISSUER: 'bench',
      AUTH_JWKS_URL: 'http://127.0.0.1:9/',
      WEBHOOK_SECRET: secret,
      SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
      INITIAL_PLAN: 'enterprise',
      INGEST_SIGNING_KEY: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      INTAKE_BATCH_MAX: String(batchMax),
      INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: '1000000',
      INGEST_RATE_LIMIT_PER_SECOND: '1000000',
    },
  })
  closeSync(log)
  children.push(child)
  leash([identify(child.pid!)!])
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.ok) return { name, port, pid: child.pid! }
    if (child.exitCode !== null || tries > 300) throw new Error(`ingest did not become ready:\n${tail(logFile)}`)
    await sleep(100)
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

function report(rounds: ReadonlyMap<Target['name'], readonly Round[]>): ScenarioResult {
  const of = (name: Target['name'], field: keyof Round) => median(rounds.get(name)!.map((round) => round[field]))
  const rateAgainst = (name: Target['name']) =>
    median(rounds.get('grouped')!.map(({ rate }, round) => rate / rounds.get(name)![round]!.rate))
  return {
    scenario: 'intake',
    figures: [
      { name: 'accepted webhooks', value: of('grouped', 'rate'), unit: '/s' },
      { name: 'ack p50', value: of('grouped', 'p50Ms'), unit: 'ms' },
      { name: 'ack p99', value: of('grouped', 'p99Ms'), unit: 'ms', threshold: { atMost: 60 } },
      { name: 'server and database', value: of('grouped', 'cpuUs'), unit: 'us CPU' },
      { name: 'empty handler', value: of('empty', 'rate'), unit: '/s' },
      {
        name: 'of an empty handler',
        value: rateAgainst('empty'),
        unit: '',
        threshold: { atLeast: 0.22 },
        aim: 0.35,
      },
      { name: 'one insert per request', value: of('single', 'rate'), unit: '/s' },
      {
        name: 'of one insert per request',
        value: rateAgainst('single'),
        unit: '',
        threshold: { atLeast: 1.5 },
        aim: 2,
      },
    ],
    notes: [
      `${CONNECTIONS} connections; generator, server and database share the machine; no broker runs`,
      'medians of rounds; the ratios are medians of the ratios within each round',
      'one insert per request is the same statement with one row, on up to 20 connections',
    ],
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
