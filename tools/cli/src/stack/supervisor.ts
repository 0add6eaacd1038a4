import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@tributary/contracts'
import { identify } from '@tributary/servers'
import { environments } from './environment.ts'
import { keepRunning } from './keep-running.ts'
import { stopLeftServices } from './leftovers.ts'
import { requireFreePorts } from './ports.ts'
import type { Progress } from './progress.ts'
import { type Access, accessOf, prepareBroker, prepareDatabases } from './provisioning.ts'
import { planRabbit, type RabbitPlan } from './rabbit-plan.ts'
import { ensureSecrets, type Secrets, writePublicKeys } from './secrets.ts'
import { announceRabbit, bringPostgres, bringRabbit, type Postgres, type Rabbit } from './servers.ts'
import { describeServices, type Services, startServices, stopServices, untilReady } from './services.ts'
import { readState, type StackState, writeState } from './state.ts'

export interface Stack {
  readonly portBase: number
  /** Stops services first, then the servers that are ours. `hurry` does not wait for anyone. */
  stop(): Promise<void>
}

const readyTimeoutMs = 60_000

/**
 * From nothing to six ready services. Must hold the claim on this checkout. On failure it stops what it had started.
 * PostgreSQL, RabbitMQ and the checks run side by side; migrations wait for the servers, services for the migrations.
 */
export async function startStack(portBase: number, mayInstall: boolean, progress: Progress): Promise<Stack> {
  const before = readState()
  const parts: Parts = { portBase, before, services: new Map(), startedAt: new Date().toISOString(), phase: 'starting' }
  try {
    const plan = await planRabbit(mayInstall)
    progress.step(announceRabbit(plan))
    await stopLeftServices(before, progress.step)
    await requireFreePorts(portBase)
    save(parts)
    const secrets = ensureSecrets()
    writePublicKeys(secrets)
    const access = await bringServers(parts, plan, secrets, progress)
    parts.services = startServices(environments(portBase, secrets, access), () => save(parts))
    save(parts)
    await progress.during(() => 'the services', untilReady(parts.services, portBase, readyTimeoutMs))
    progress.step(`${serviceNames.length} services are ready`)
    parts.phase = 'ready'
    save(parts)
    watchServers(parts, plan, progress)
    return { portBase, stop: () => stop(parts) }
  } catch (error) {
    await stop(parts)
    throw error
  }
}

interface Parts {
  readonly portBase: number
  readonly startedAt: string
  /** What an earlier start left; its servers are remembered until ours are known. */
  readonly before: StackState | undefined
  phase: StackState['phase']
  services: Services
  postgres?: Postgres
  rabbit?: Rabbit
  /** Calls off what brings servers back, so that stopping is not taken for dying. */
  unwatch?: () => Promise<unknown>
}

function watchServers(parts: Parts, plan: RabbitPlan, progress: Progress): void {
  const { postgres, rabbit } = parts
  if (postgres === undefined || rabbit === undefined) return
  const again = (name: string) => progress.step(`${name} had ended by itself: starting it again`)
  const unwatchPostgres = keepRunning(
    postgres,
    () => {
      again('PostgreSQL')
      return bringPostgres(progress)
    },
    (server) => {
      parts.postgres = server
      save(parts)
    },
  )
  const unwatchRabbit = keepRunning(
    rabbit,
    () => {
      again('RabbitMQ')
      return bringRabbit(
        plan.kind === 'install' ? { kind: 'binary', script: 'rabbitmq-server' } : plan,
        undefined,
        progress,
      )
    },
    (server) => {
      parts.rabbit = server
      save(parts)
    },
  )
  parts.unwatch = () => Promise.all([unwatchPostgres(), unwatchRabbit()])
}

/**
 * Both at once, each prepared as soon as it answers. When one fails the other one is still waited for, so that it is known
 * and can be stopped.
 */
async function bringServers(parts: Parts, plan: RabbitPlan, secrets: Secrets, progress: Progress): Promise<Access> {
  const waiting = new Set(['PostgreSQL and its migrations', 'RabbitMQ and its queues'])
  const databases = bringPostgres(progress).then(async (server) => {
    parts.postgres = server
    save(parts)
    const urls = await prepareDatabases(server, secrets, progress)
    waiting.delete('PostgreSQL and its migrations')
    return urls
  })
  const broker = bringRabbit(plan, parts.before?.rabbitmq, progress).then(async (server) => {
    parts.rabbit = server
    save(parts)
    const urls = await prepareBroker(server, secrets, progress)
    waiting.delete('RabbitMQ and its queues')
    return urls
  })
  await progress.during(() => [...waiting].join(', '), Promise.allSettled([databases, broker]))
  return accessOf(await databases, await broker)
}

async function stop(parts: Parts): Promise<void> {
  parts.phase = 'stopping'
  save(parts)
  await Promise.all([parts.unwatch?.(), stopServices(parts.services)])
  await Promise.all([parts.postgres?.stop(), parts.rabbit?.stop()])
  parts.phase = 'stopped'
  save(parts)
  // Let the last children's exits be seen before the process ends.
  await sleep(0)
}

function save(parts: Parts): void {
  const supervisor = identify(process.pid)
  if (supervisor === undefined) return
  const { portBase, startedAt, before, phase, postgres, rabbit } = parts
  writeState({
    supervisor,
    startedAt,
    phase,
    portBase,
    services: describeServices(parts.services, portBase),
    ...optional('postgres', postgres === undefined ? before?.postgres : without(postgres)),
    ...optional('rabbitmq', rabbit === undefined ? before?.rabbitmq : without(rabbit)),
  })
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: V })
}

function without<T extends { readonly stop: unknown }>(server: T): Omit<T, 'stop'> {
  const { stop: _stop, ...rest } = server
  return rest
}
