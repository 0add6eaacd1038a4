import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePorts, newSecret, readJson, writeJson } from '@tributary/servers'
import { Failure } from '../arguments.ts'

const run = promisify(execFile)

interface Notes {
  readonly user: string
  readonly password: string
  readonly amqpPort: number
  readonly managementPort: number
}

export interface RabbitContainer {
  readonly name: string
  readonly amqpUrl: string
  readonly managementUrl: string
  readonly adminUser: string
  readonly adminPassword: string
}

/** A broker in a container of our own, published on loopback. The same folder again is the same container, with its queues. */
export async function startContainer(directory: string, image: string): Promise<RabbitContainer> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const name = containerName(directory)
  const notesFile = join(directory, 'container.json')
  const kept = readJson<Notes>(notesFile)
  const notes = kept ?? (await newNotes())
  writeJson(notesFile, notes)
  const exists = kept !== undefined && (await docker(['container', 'inspect', name])) !== undefined
  if (exists) await dockerOrFail(['start', name])
  else await create(directory, name, image, notes)
  await untilReady(name, notes)
  return {
    name,
    amqpUrl: `amqp://${notes.user}:${notes.password}@127.0.0.1:${notes.amqpPort}/%2F`,
    managementUrl: `http://127.0.0.1:${notes.managementPort}`,
    adminUser: notes.user,
    adminPassword: notes.password,
  }
}

export async function stopContainer(name: string): Promise<void> {
  await docker(['stop', '--time', '20', name])
}

export async function removeContainer(name: string): Promise<void> {
  await docker(['rm', '--force', '--volumes', name])
}

/** Tells the checkouts of one machine apart. */
export function containerName(directory: string): string {
  return `tributary-rabbitmq-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`
}

async function newNotes(): Promise<Notes> {
  const [amqpPort, managementPort] = (await freePorts(2)) as [number, number]
  return { user: 'broker_admin', password: newSecret(), amqpPort, managementPort }
}

async function create(directory: string, name: string, image: string, notes: Notes): Promise<void> {
  // Files, not variables: newer images refuse some RABBITMQ_DEFAULT_* and `docker inspect` shows them to everybody.
  const plugins = join(directory, 'enabled_plugins')
  const configuration = join(directory, 'rabbitmq.conf')
  writeFileSync(plugins, '[rabbitmq_management].\n', { mode: 0o644 })
  writeFileSync(
    configuration,
    `default_user = ${notes.user}\ndefault_pass = ${notes.password}\nmanagement_agent.disable_metrics_collector = true\n`,
    { mode: 0o644 },
  )
  await dockerOrFail([
    ...['run', '--detach', '--name', name, '--hostname', 'tributary', '--label', 'com.tributary.local=true'],
    ...['--publish', `127.0.0.1:${notes.amqpPort}:5672`, '--publish', `127.0.0.1:${notes.managementPort}:15672`],
    ...['--volume', `${plugins}:/etc/rabbitmq/enabled_plugins:ro`],
    ...['--volume', `${configuration}:/etc/rabbitmq/conf.d/90-tributary.conf:ro`, image],
  ])
}

async function untilReady(name: string, notes: Notes): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${notes.user}:${notes.password}`).toString('base64')}`
  const deadline = Date.now() + 120_000
  while (Date.now() < deadline) {
    try {
      const url = `http://127.0.0.1:${notes.managementPort}/api/health/checks/port-listener/5672`
      const response = await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(3_000) })
      if (response.ok) return
    } catch {
      // Not yet.
    }
    await sleep(200)
  }
  const logs = (await docker(['logs', '--tail', '15', name])) ?? ''
  throw new Failure(`RabbitMQ in container ${name} did not answer within 120 s:\n${logs}`)
}

async function docker(words: string[]): Promise<string | undefined> {
  try {
    return (await run('docker', words, { timeout: 60_000 })).stdout
  } catch {
    return undefined
  }
}

async function dockerOrFail(words: string[]): Promise<void> {
  try {
    await run('docker', words, { timeout: 60_000 })
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
    throw new Failure(`docker ${words[0]} failed: ${text.trim()}`)
  }
}
