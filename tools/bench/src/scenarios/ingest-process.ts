import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts, identify, leash, tail } from '@tributary/servers'

const root = join(import.meta.dirname, '../../../..')

/** A server of its own process that takes webhooks. */
export type Receiver = Readonly<{ port: number; pid: number; stop(): Promise<void> }>

/** Answers every webhook without doing anything with it. */
export async function startEmptyServer(): Promise<Receiver> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'empty-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  leash([identify(child.pid!)!])
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { port: Number(line), pid: child.pid!, stop: () => stopChild(child) }
}

export type IngestOptions = Readonly<{
  /** Where its log goes, as `<name>.log`. */
  directory: string
  name: string
  databaseUrl: string
  secret: string
  /** Webhooks in one commit, at most. */
  batchMax: number
  nodeArguments?: readonly string[]
  /** What runs, where it is not ingest. */
  main?: string
}>

/** Ingest's process with a handler that does nothing. */
export const emptyService = join(import.meta.dirname, 'empty-service.ts')

/** The real ingest, without a broker: a sender never waits for it. Resolves once it takes webhooks. */
export async function startIngest(options: IngestOptions): Promise<Receiver> {
  const { directory, name, databaseUrl, secret, batchMax, nodeArguments = [] } = options
  const { main = join(root, 'services/ingest/src/main.ts') } = options
  const [port, metricsPort, noBroker] = (await freePorts(3)) as [number, number, number]
  const logFile = join(directory, `${name}.log`)
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(process.execPath, [...nodeArguments, main], {
    stdio: ['ignore', log, log],
    env: {
      PATH: '/usr/bin:/bin',
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HTTP_PORT: String(port),
      METRICS_PORT: String(metricsPort),
      DATABASE_URL: databaseUrl,
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
      INGEST_RATE_LIMIT_SOURCE_PER_SECOND: '1000000',
      INGEST_RATE_LIMIT_PER_SECOND: '1000000',
    },
  })
  closeSync(log)
  leash([identify(child.pid!)!])
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.ok) return { port, pid: child.pid!, stop: () => stopChild(child) }
    if (child.exitCode !== null || tries > 600) throw new Error(`ingest did not become ready:\n${tail(logFile)}`)
    await sleep(100)
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
