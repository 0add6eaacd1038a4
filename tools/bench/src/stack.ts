import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '@tributary/contracts'
import { type Database, openDatabase } from '@tributary/database'
import { type Provisioned, provision } from '@tributary/provision'
import { freePorts, identify, leash, startPostgres, startRabbit, tail } from '@tributary/servers'
import type { Metered } from './meter.ts'

const root = join(import.meta.dirname, '../../..')

/** A PostgreSQL and a RabbitMQ of this run's own, durable as in production, with everything the services need in them. */
export type Servers = Readonly<{
  access: Provisioned
  /** What the services share with their databases; good for as long as these stand. */
  secrets: Secrets
  processes: readonly Metered[]
  /** Of a service's database, for the superuser. */
  adminUrl(service: ServiceName): string
  /** A service's database, as the superuser, to look at what has arrived. The caller destroys it. */
  open(service: ServiceName): Database
  stop(): Promise<void>
}>

export async function startServers(directory: string, say: (line: string) => void): Promise<Servers> {
  const undo: (() => Promise<void>)[] = []
  const stop = async () => {
    await Promise.all(undo.map((step) => step()))
  }
  try {
    const [postgres, rabbit] = await Promise.all([
      startPostgres({ directory: join(directory, 'postgres') }).then((server) => {
        undo.push(() => server.stop({ remove: true }))
        endWithUs(server.process.pid)
        return server
      }),
      startRabbit({ directory: join(directory, 'rabbitmq') }).then((server) => {
        undo.push(() => server.stop({ remove: true }))
        for (const { pid } of server.processes) endWithUs(pid)
        return server
      }),
    ])
    const passwordKey = randomBytes(32)
    const access = await provision({
      postgresAdminUrl: postgres.url,
      amqpAdminUrl: rabbit.amqpUrl,
      managementUrl: rabbit.managementUrl,
      secretOf: (name) => createHmac('sha256', passwordKey).update(name).digest('base64url'),
      onProgress: say,
    })
    const adminUrl = (service: ServiceName) => {
      const url = new URL(postgres.url)
      url.pathname = new URL(access[service].databaseUrl).pathname
      return url.href
    }
    return {
      access,
      secrets: newSecrets(),
      processes: [
        { name: 'postgres', pid: postgres.process.pid },
        { name: 'rabbitmq', pid: rabbit.process.pid },
      ],
      adminUrl,
      open: (service) => openDatabase({ url: adminUrl(service), applicationName: 'tributary-bench', poolMax: 2 }),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Ends a process when this one ends, however it ends; for runs that somebody interrupts. */
function endWithUs(pid: number): void {
  const identity = identify(pid)
  if (identity !== undefined) leash([identity])
}

/** The services as real processes, with what it takes to talk to them. */
export type Services = Readonly<{
  processes: readonly Metered[]
  url(service: ServiceName): string
  webhookSecret: string
  /** A bearer token for everything; empty without admin. */
  token: string
  /** A call of a service's API with a token for everything; throws on a refusal. */
  call<T>(method: string, service: ServiceName, path: string, body?: unknown): Promise<T>
  stop(): Promise<void>
}>

/** Runs with all six services ready, or only some, and stops them afterwards. `env` goes to every one of them. */
export async function withServices<T>(
  servers: Servers,
  directory: string,
  env: Readonly<Record<string, string>>,
  work: (services: Services) => Promise<T>,
  only: readonly ServiceName[] = serviceNames,
): Promise<T> {
  const services = await startServices(servers, directory, env, only)
  try {
    return await work(services)
  } finally {
    await services.stop()
  }
}

async function startServices(
  servers: Servers,
  directory: string,
  env: Readonly<Record<string, string>>,
  only: readonly ServiceName[],
): Promise<Services> {
  const ports = await freePorts(serviceNames.length * 2)
  const urlOf = (service: ServiceName) => `http://127.0.0.1:${ports[serviceNames.indexOf(service) * 2]}`
  const { secrets } = servers
  const children = new Map<ServiceName, ChildProcess>()
  const stop = async () => {
    await Promise.all([...children.values()].map(stopChild))
  }
  try {
    for (const [index, name] of serviceNames.entries()) {
      if (!only.includes(name)) continue
      const environment = {
        PATH: '/usr/bin:/bin',
        NODE_ENV: 'production',
        HTTP_PORT: String(ports[index * 2]),
        METRICS_PORT: String(ports[index * 2 + 1]),
        LOG_LEVEL: 'warn',
        DATABASE_URL: servers.access[name].databaseUrl,
        AMQP_URL: servers.access[name].amqpUrl,
        AUTH_ISSUER: urlOf('admin'),
        AUTH_JWKS_URL: `${urlOf('admin')}/.well-known/jwks.json`,
        ...secrets.environments[name],
        ...env,
      }
      const child = startChild(name, directory, environment)
      children.set(name, child)
      endWithUs(child.pid!)
    }
    await Promise.all([...children].map(([name, child]) => untilReady(name, child, urlOf(name), directory)))
    const token = only.includes('admin') ? await newToken(urlOf, secrets) : ''
    return {
      processes: [...children].map(([name, child]) => ({ name, pid: child.pid! })),
      url: urlOf,
      webhookSecret: secrets.webhookSecret,
      token,
      call: newCaller(urlOf, token),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const newEd25519Key = () =>
  Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64')

type Secrets = ReturnType<typeof newSecrets>

function newSecrets() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const [ledgerKey, ingestKey] = [newEd25519Key(), newEd25519Key()]
  const webhookSecret = `whsec_${randomBytes(32).toString('base64')}`
  const clientSecret = randomBytes(24).toString('base64url')
  const environments: Partial<Record<ServiceName, Record<string, string>>> = {
    ingest: {
      WEBHOOK_SECRET: webhookSecret,
      SECRETS_KEY: randomBytes(32).toString('base64'),
      INITIAL_PLAN: 'enterprise',
      INGEST_SIGNING_KEY: ingestKey,
    },
    ledger: { LEDGER_SIGNING_KEY: ledgerKey },
    admin: {
      ADMIN_SIGNING_KEY: Buffer.from(signingKey).toString('base64'),
      ADMIN_BOOTSTRAP_CLIENT_ID: 'bench',
      ADMIN_BOOTSTRAP_CLIENT_SECRET: clientSecret,
    },
  }
  return { webhookSecret, clientSecret, environments }
}

function startChild(name: ServiceName, directory: string, env: Record<string, string>): ChildProcess {
  const log = openSync(join(directory, `${name}.log`), 'a', 0o600)
  try {
    return spawn(process.execPath, [join(root, 'services', name, 'src/main.ts')], { env, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

const READY_TIMEOUT_MS = 60_000

async function untilReady(name: ServiceName, child: ChildProcess, url: string, directory: string): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS
  for (;;) {
    const response = await fetch(`${url}/readyz`).catch(() => null)
    const body = await response?.text()
    // Ready to take requests is not enough here: with the broker away, nothing would arrive; without a plan, rules are refused.
    if (response?.ok && body?.includes('"broker":"up"') && !body.includes('"plan":null')) return
    if (child.exitCode !== null || Date.now() > until) {
      throw new Error(`${name} did not become ready: ${body ?? ''}\n${tail(join(directory, `${name}.log`))}`)
    }
    await sleep(100)
  }
}

async function newToken(urlOf: (service: ServiceName) => string, { clientSecret }: Secrets): Promise<string> {
  const response = await fetch(`${urlOf('admin')}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`bench:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}

function newCaller(urlOf: (service: ServiceName) => string, token: string): Services['call'] {
  return async (method, service, path, body) => {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) }
    const answer = await fetch(urlOf(service) + path, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text)
  }
}
