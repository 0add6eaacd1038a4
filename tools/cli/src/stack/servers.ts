import { openSession } from '@tributary/database'
import { startPostgres, startRabbit, stopPostgres, stopRabbit } from '@tributary/servers'
import { Failure } from '../arguments.ts'
import { places } from '../places.ts'
import { prepareExternalBroker } from './external-broker.ts'
import { installRabbit } from './install-rabbit.ts'
import type { Progress } from './progress.ts'
import { startContainer, stopContainer } from './rabbit-docker.ts'
import { planInstallation, type RabbitPlan, succeeds } from './rabbit-plan.ts'
import type { StackState } from './state.ts'

export type Postgres = NonNullable<StackState['postgres']> & { readonly stop: () => Promise<void> }
export type Rabbit = NonNullable<StackState['rabbitmq']> & { readonly stop: () => Promise<void> }

const leaveRunning = () => Promise.resolve()

/** The server of DATABASE_URL, which is not ours to stop, or one of our own. */
export async function bringPostgres(progress: Progress, env: NodeJS.ProcessEnv = process.env): Promise<Postgres> {
  const url = env.DATABASE_URL
  if (url !== undefined && url !== '') {
    await stopPostgres(places.postgres)
    await requirePostgres(url)
    progress.step('PostgreSQL: using the server of DATABASE_URL')
    return { url, source: 'external', processes: [], stop: leaveRunning }
  }
  const server = await plainly(startPostgres({ directory: places.postgres, onProgress: progress.step }))
  progress.step(`PostgreSQL is ready on 127.0.0.1:${server.port} (embedded)`)
  return { url: server.url, source: 'embedded', processes: server.processes, stop: () => server.stop() }
}

/** The broker as planned: external ones are left alone, installed ones become a private node. */
export async function bringRabbit(
  plan: RabbitPlan,
  before: StackState['rabbitmq'],
  progress: Progress,
): Promise<Rabbit> {
  if (plan.kind === 'external' || plan.kind === 'docker') await stopRabbit(places.rabbitmq)
  if (plan.kind === 'external') {
    const broker = await prepareExternalBroker(plan.url, plan.managementUrl)
    // Made by an earlier start of ours: still ours to remove.
    const ownVhost = broker.ownVhost ?? (before?.url === broker.url ? before.ownVhost : undefined)
    const own = ownVhost === undefined ? {} : { ownVhost }
    return { ...broker, ...own, source: 'external', processes: [], stop: leaveRunning }
  }
  if (plan.kind === 'docker') {
    if (plan.pull && !(await succeeds('docker', ['pull', '--quiet', plan.image], 600_000))) {
      const next = await planInstallation(true)
      progress.step(`docker cannot pull ${plan.image}. ${announceRabbit(next)}`)
      return bringRabbit(next, before, progress)
    }
    const container = await startContainer(places.rabbitmq, plan.image)
    progress.step(`RabbitMQ is ready in container ${container.name} (${plan.image})`)
    return {
      url: container.amqpUrl,
      managementUrl: container.managementUrl,
      source: 'docker',
      processes: [],
      container: container.name,
      stop: () => stopContainer(container.name),
    }
  }
  if (plan.kind === 'install') {
    await installRabbit(plan.sudo)
    progress.step('rabbitmq-server is installed; the distribution’s own service is left off')
  }
  const node = await plainly(startRabbit({ directory: places.rabbitmq, onProgress: progress.step }))
  progress.step(`RabbitMQ is ready on 127.0.0.1:${node.port} (a private node)`)
  const { processes, managementUrl } = node
  return { url: node.amqpUrl, managementUrl, source: 'binary', processes, stop: () => node.stop() }
}

/** What the servers' own errors say is meant for people; anything else keeps its stack trace. */
async function plainly<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error || 'code' in error) throw error
    const isLost = error.message.includes('whose password is gone')
    throw new Failure(`${error.message}${isLost ? '\nTo begin anew without it: ./tributary up --fresh' : ''}`)
  }
}

/** What will be used or installed, and why; said before it is done. */
export function announceRabbit(plan: RabbitPlan): string {
  if (plan.kind === 'external') return 'RabbitMQ: using the broker of AMQP_URL'
  if (plan.kind === 'binary') return `RabbitMQ: starting a private node of ${plan.script}`
  if (plan.kind === 'docker')
    return `RabbitMQ: starting a container of ${plan.image}${plan.pull ? ', pulling it first' : ''}`
  const how = `${plan.sudo ? 'sudo ' : ''}apt-get install rabbitmq-server`
  return `RabbitMQ: services talk through it and this machine has neither it nor a container image of it: installing it (${how}, about 60 MB)`
}

/** Says at once, and in one line, that a given server cannot be used; otherwise the first migration would, with a stack trace. */
async function requirePostgres(url: string): Promise<void> {
  try {
    const session = await openSession({ url, applicationName: 'tributary-up' })
    await session.end()
  } catch (error) {
    const text = error instanceof Error ? error.message || error.constructor.name : String(error)
    throw new Failure(`DATABASE_URL: cannot connect to PostgreSQL: ${text}`)
  }
}
