import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { admin } from '@tributary/admin'
import { type Client, clientCredentials, newClient, type Webhook } from '@tributary/client'
import { type ServiceName, serviceNames } from '@tributary/contracts'
import { fraud } from '@tributary/fraud'
import { ingest } from '@tributary/ingest'
import { ledger } from '@tributary/ledger'
import { payouts } from '@tributary/payouts'
import { rewards } from '@tributary/rewards'
import { freePorts } from '@tributary/servers'
import {
  newWebhookSecret,
  type ServiceProcess,
  type SettledOptions,
  type Spy,
  sendWebhook,
  serviceProcess,
  settled,
  spy,
  startTestService,
  type TestBroker,
  type TestClock,
  type TestDatabase,
  type TestService,
  tellPlan,
  testBroker,
  testClock,
  testDatabase,
  testEnvironment,
  type WebhookAnswer,
} from '@tributary/testing'

/** All of Tributary, on servers of its own. */
export type Stack = Readonly<{
  urls: Readonly<Record<ServiceName, string>>
  /** May do everything a client may; its tokens come from services/admin. */
  client: Client
  broker: TestBroker
  databases: Readonly<Record<ServiceName, TestDatabase>>
  /** Hears all that services say. */
  ears: Spy
  send(webhook: Webhook): Promise<WebhookAnswer>
  /** Waits until nothing is on its way any more; fails on leftovers. */
  settled(options?: SettledOptions): Promise<void>
}>

export type StackOptions = Readonly<{
  /** Where a service connects to instead of straight to its servers: through a line that can be cut. */
  through?: (service: ServiceName, urls: ServerUrls) => Promise<ServerUrls>
}>

type ServerUrls = Readonly<{ databaseUrl: string; amqpUrl: string }>

/** All six services in this process, with one clock. */
export async function startStack(
  options: StackOptions = {},
): Promise<Stack & { services: Readonly<Record<ServiceName, TestService>>; clock: TestClock }> {
  const ground = await prepare(options)
  const clock = testClock()
  const start = <Own extends object>(name: ServiceName, make: Parameters<typeof startTestService<Own>>[1], own: Own) =>
    startTestService<Own>(name, make, {
      database: ground.databases[name],
      broker: ground.broker,
      clock,
      ...ground.servers[name],
      config: { HTTP_PORT: ground.ports[name], METRICS_PORT: 0, ...ground.auth },
      own,
    })
  const { secrets } = ground
  const services = await allOf({
    ingest: start('ingest', ingest, {
      WEBHOOK_SECRET: secrets.webhook,
      SECRETS_KEY: secrets.sealing,
      INITIAL_PLAN: 'enterprise' as const,
      INGEST_SIGNING_KEY: secrets.ingest,
      INTAKE_BATCH_MAX: 128,
      INGEST_RELEASES_PER_SECOND: 500,
      INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: 100_000,
      INGEST_RATE_LIMIT_SOURCE_PER_SECOND: 100_000,
      INGEST_RATE_LIMIT_PER_SECOND: 100_000,
    }),
    rewards: start('rewards', rewards, { REWARDS_RELEASE_EVERY_MS: 100 }),
    ledger: start('ledger', ledger, {
      LEDGER_SIGNING_KEY: secrets.ledger,
      LEDGER_ADJUSTMENT_APPROVAL_ABOVE: 10_000,
      LEDGER_CLEARING_MAX_AGE_DAYS: 7,
    }),
    payouts: start('payouts', payouts, {}),
    fraud: start('fraud', fraud, {}),
    admin: start('admin', admin, {
      ADMIN_SIGNING_KEY: secrets.signing,
      ADMIN_BOOTSTRAP_CLIENT_ID: 'journeys',
      ADMIN_BOOTSTRAP_CLIENT_SECRET: secrets.client,
    }),
  })
  return { ...(await surround(ground, clock.now)), services, clock }
}

/** All six services as processes of their own, which can be killed. */
export async function startProcesses(
  options: StackOptions = {},
): Promise<Stack & { processes: Readonly<Record<ServiceName, ServiceProcess>> }> {
  const ground = await prepare(options)
  const { secrets } = ground
  const own: Readonly<Record<ServiceName, Record<string, string>>> = {
    ingest: {
      WEBHOOK_SECRET: secrets.webhook,
      SECRETS_KEY: secrets.sealing,
      INGEST_SIGNING_KEY: secrets.ingest,
      INITIAL_PLAN: 'enterprise',
    },
    rewards: { REWARDS_RELEASE_EVERY_MS: '100' },
    ledger: { LEDGER_SIGNING_KEY: secrets.ledger },
    payouts: {},
    fraud: {},
    admin: {
      ADMIN_SIGNING_KEY: secrets.signing,
      ADMIN_BOOTSTRAP_CLIENT_ID: 'journeys',
      ADMIN_BOOTSTRAP_CLIENT_SECRET: secrets.client,
    },
  }
  const prepared = await allOf(
    eachService(async (name) => {
      const { databaseUrl, amqpUrl } = ground.servers[name]
      const environment = await testEnvironment(databaseUrl, amqpUrl)
      return serviceProcess(name, { ...environment, ...ground.auth, ...own[name] }, ground.ports[name])
    }),
  )
  // Before ingest tells it, so that no rule meets a service that takes the plan for Free.
  await Promise.all(serviceNames.map((name) => tellPlan(ground.databases[name], 'enterprise')))
  await Promise.all(serviceNames.map((name) => prepared[name].start()))
  return { ...(await surround(ground)), processes: prepared }
}

type Ground = Awaited<ReturnType<typeof prepare>>

/** Servers, ports and secrets: all that must be known before anything starts. */
async function prepare({ through = (_service, urls) => Promise.resolve(urls) }: StackOptions) {
  const [broker, databases, freed] = await Promise.all([testBroker(), allOf(eachService(testDatabase)), freePorts(6)])
  const ports = eachService((_name, index) => freed[index] as number)
  const servers = await allOf(
    eachService((name) => through(name, { databaseUrl: databases[name].url, amqpUrl: broker.urls[name] })),
  )
  const urls = eachService((name) => `http://127.0.0.1:${ports[name]}`)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secrets = {
    webhook: newWebhookSecret(),
    sealing: randomBytes(32).toString('base64'),
    signing: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ledger: newEd25519Key(),
    ingest: newEd25519Key(),
    client: randomBytes(24).toString('base64url'),
  }
  const auth = { AUTH_ISSUER: urls.admin, AUTH_JWKS_URL: `${urls.admin}/.well-known/jwks.json` }
  return { broker, databases, ports, servers, urls, secrets, auth }
}

const newEd25519Key = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

async function surround({ broker, databases, urls, secrets }: Ground, now = () => new Date()): Promise<Stack> {
  const tokens = clientCredentials({ adminUrl: urls.admin, clientId: 'journeys', clientSecret: secrets.client })
  // Only to learn which streams ingest has; it opens nothing.
  const { streams = [] } = ingest({
    SECRETS_KEY: secrets.sealing,
    INITIAL_PLAN: 'enterprise',
    INGEST_SIGNING_KEY: secrets.ingest,
    INTAKE_BATCH_MAX: 1,
    INGEST_RELEASES_PER_SECOND: 500,
    INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: 1,
    INGEST_RATE_LIMIT_SOURCE_PER_SECOND: 1,
    INGEST_RATE_LIMIT_PER_SECOND: 1,
  })
  const watched = { broker, databases, streams: { ingest: streams } }
  return {
    urls,
    broker,
    databases,
    ears: await spy(broker),
    client: newClient({ urls, tokens, webhookSecret: secrets.webhook }),
    send: (webhook) => sendWebhook(urls.ingest, secrets.webhook, webhook, now()),
    settled: (options) => settled(watched, options),
  }
}

function eachService<T>(make: (name: ServiceName, index: number) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name, index) => [name, make(name, index)])) as Record<ServiceName, T>
}

async function allOf<T>(promises: Record<ServiceName, Promise<T>>): Promise<Record<ServiceName, T>> {
  const values = await Promise.all(serviceNames.map((name) => promises[name]))
  return eachService((_name, index) => values[index] as T)
}
