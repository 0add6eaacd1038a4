import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, startPostgres, startRabbit } from '@tributary/servers'
import { startContainers } from './containers.ts'

/** The servers of a test run, as every test file gets them. */
export type TestServers = Readonly<{
  /** Of a role that may create roles and databases. */
  postgresUrl: string
  /** Of a user who may do everything, on some virtual host. */
  amqpUrl: string
  /** The management API, without credentials. */
  managementUrl: string
  source: 'external' | 'docker' | 'binaries'
  /** First part of the names of databases, roles, users and virtual hosts; servers of others may be in use. */
  prefix: string
  /** Passwords are derived from it. */
  secret: string
}>

export type StartedServers = Readonly<{ servers: TestServers; stop(): Promise<void> }>

type Undo = () => Promise<void> | void
/** A server's address, and how to end it. */
export type Started<Address> = Readonly<{ address: Address; undo: Undo }>
export type BrokerAddress = Readonly<{ amqpUrl: string; managementUrl: string }>

/**
 * TEST_DATABASE_URL and TEST_AMQP_URL where they are set; else containers, when a Docker engine answers and has the
 * images; else private servers made of the binaries of this machine, as `./tributary up` makes them.
 */
export async function startServers(): Promise<StartedServers> {
  const { TEST_DATABASE_URL: databaseUrl, TEST_AMQP_URL: amqpUrl } = process.env
  if (databaseUrl && amqpUrl) return external(databaseUrl, amqpUrl)
  const run = newRun()
  const containers = databaseUrl || amqpUrl ? null : await startContainers(run.onProgress)
  if (containers !== null) return run.servers('docker', containers.postgres, containers.rabbit)
  const folder = newFolder()
  run.undo.push(() => rmSync(folder, { recursive: true, force: true }))
  const [postgres, rabbit] = await Promise.all([
    databaseUrl ? given(databaseUrl) : localPostgres(join(folder, 'postgres'), run.onProgress),
    amqpUrl
      ? given({ amqpUrl, managementUrl: managementOf(amqpUrl) })
      : localRabbit(join(folder, 'rabbit'), run.onProgress),
  ])
  return run.servers('binaries', postgres, rabbit)
}

/** Named after this process, so that a later run can remove what a killed one left behind. Its servers died with it. */
function newFolder(): string {
  const prefix = 'tributary-test-run-'
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const pid = Number(/^(\d+)-/.exec(name.slice(prefix.length))?.[1])
    if (pid > 0 && identify(pid) === undefined) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  // The user that PostgreSQL runs as, where we are root, has to pass through.
  chmodSync(folder, 0o711)
  return folder
}

function external(postgresUrl: string, amqpUrl: string): Promise<StartedServers> {
  return Promise.resolve(
    newRun().servers(
      'external',
      { address: postgresUrl, undo: () => {} },
      { address: { amqpUrl, managementUrl: managementOf(amqpUrl) }, undo: () => {} },
    ),
  )
}

function newRun() {
  const undo: Undo[] = []
  return {
    undo,
    onProgress: (line: string) => process.stderr.write(`${line}\n`),
    servers(source: TestServers['source'], postgres: Started<string>, rabbit: Started<BrokerAddress>): StartedServers {
      undo.push(postgres.undo, rabbit.undo)
      const prefix = `tributary_test_${randomBytes(4).toString('hex')}`
      const secret = randomBytes(16).toString('hex')
      return {
        servers: { postgresUrl: postgres.address, ...rabbit.address, source, prefix, secret },
        async stop() {
          for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step()
        },
      }
    },
  }
}

const given = <Address>(address: Address): Promise<Started<Address>> => Promise.resolve({ address, undo: () => {} })

/** The management API stands beside the broker, on the port it has everywhere, unless we are told otherwise. */
function managementOf(amqpUrl: string): string {
  return process.env.TEST_AMQP_MANAGEMENT_URL ?? `http://${new URL(amqpUrl).hostname}:15672`
}

async function localPostgres(directory: string, onProgress: (line: string) => void): Promise<Started<string>> {
  const postgres = await startPostgres({ directory, durable: false, onProgress })
  return { address: postgres.url, undo: () => postgres.stop({ remove: true }) }
}

async function localRabbit(directory: string, onProgress: (line: string) => void): Promise<Started<BrokerAddress>> {
  const rabbit = await startRabbit({ directory, durable: false, onProgress })
  const { amqpUrl, managementUrl } = rabbit
  return { address: { amqpUrl, managementUrl }, undo: () => rabbit.stop({ remove: true }) }
}
