import type { Plan, ServiceName } from '@tributary/contracts'
import { query } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import {
  type KitConfig,
  loadKitConfig,
  type RunningService,
  type Service,
  type StartOptions,
  startService,
} from '@tributary/service-kit'
import { type TestBroker, testBroker } from './broker.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { testIssuer } from './tokens.ts'
import { defer } from './undo.ts'

export type TestServiceOptions<Extra> = Readonly<{
  /** Default: a new one. */
  database?: TestDatabase
  /** Default: a new one. */
  broker?: TestBroker
  /** Default: the real time. */
  clock?: TestClock
  /** Variables of the kit that should differ. */
  config?: Partial<KitConfig>
  /** The service's own variables, as its config.ts gives them. */
  own?: Extra
  /** Where the service's own database or broker stands for it, through a cut line for instance. */
  databaseUrl?: string
  amqpUrl?: string
  /** The plan that it has heard of before anything is told; null for none. Default: Enterprise, so that all can be tried. */
  plan?: Plan | null
}> &
  Omit<StartOptions, 'config' | 'now' | 'log'>

export type TestService = RunningService &
  Readonly<{
    database: TestDatabase
    broker: TestBroker
    clock: TestClock
    fetch(path: string, init?: RequestInit): Promise<Response>
  }>

/** Starts a service in this process on real servers and free ports; stopped with the test. */
export async function startTestService<Extra extends object = object>(
  name: ServiceName,
  make: (config: KitConfig & Extra) => Service,
  options: TestServiceOptions<Extra> = {},
): Promise<TestService> {
  const { own, config: changes, databaseUrl, amqpUrl, clock = testClock(), plan = 'enterprise', ...others } = options
  const { database: _1, broker: _2, ...rest } = others
  const [database, broker] = await Promise.all([options.database ?? testDatabase(name), options.broker ?? testBroker()])
  const environment = await testEnvironment(databaseUrl ?? database.url, amqpUrl ?? broker.urls[name])
  if (plan !== null) await tellPlan(database, plan, 0)
  const config = { ...loadKitConfig(environment), ...changes, ...own } as KitConfig & Extra
  const running = await startService(make(config), {
    config,
    now: clock.now,
    // TEST_LOG=debug shows what services say.
    log: newLogger(name, config.LOG_LEVEL),
    ...rest,
  })
  defer(() => running.stop())
  return {
    ...running,
    database,
    broker,
    clock,
    fetch: (path, init) => fetch(new URL(path, running.url), init),
  }
}

/** As if a service had heard of this plan; what is told with a higher version counts more. */
export async function tellPlan({ db }: TestDatabase, plan: Plan, version = 0): Promise<void> {
  await query(
    db,
    `insert into heard_configs (version, plan, config, heard_at) values (?, ?, '{}', now())
     on conflict (id) do update set version = excluded.version, plan = excluded.plan
       where excluded.version >= heard_configs.version`,
    [version, plan],
  )
}

/** What a service started for tests reads from its environment. */
export async function testEnvironment(databaseUrl: string, amqpUrl: string): Promise<Record<string, string>> {
  const { issuer, jwksUrl } = await testIssuer()
  return {
    NODE_ENV: 'test',
    HTTP_PORT: '0',
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MAX: '5',
    AMQP_URL: amqpUrl,
    AUTH_ISSUER: issuer,
    AUTH_JWKS_URL: jwksUrl,
  }
}
