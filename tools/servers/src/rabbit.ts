import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newSecret, readJson, tail, writeJson } from './files.ts'
import { freePorts, isPortFree, whoHolds } from './ports.ts'
import { commandLine, identify, isRunning, leash, type ProcessIdentity, stopProcess } from './process.ts'
import { findEpmd, findRabbit } from './rabbit-binary.ts'
import { nodeName, prepareNode, type RabbitPorts } from './rabbit-node.ts'

export interface RabbitOptions {
  /** Holds everything of the node. The same folder again is the same node again, with its queues. */
  readonly directory: string
  /** False for tests: killed instead of stopped (its own stop takes seconds), and ended when this process ends. Default true. */
  readonly durable?: boolean
  readonly onProgress?: (line: string) => void
}

export interface RunningRabbit {
  /** Of the administrator, on vhost `/`. */
  readonly amqpUrl: string
  /** The HTTP API's root, without credentials: users, vhosts and permissions are made there. */
  readonly managementUrl: string
  readonly adminUser: string
  readonly adminPassword: string
  readonly port: number
  readonly process: ProcessIdentity
  /** The broker, and its port mapper when we know it. */
  readonly processes: readonly ProcessIdentity[]
  readonly log: string
  /** True: it ran already, left by a process of ours that ended without stopping it. */
  readonly adopted: boolean
  stop(options?: { remove?: boolean }): Promise<void>
}

interface Notes {
  readonly adminUser: string
  readonly adminPassword: string
  readonly ports?: RabbitPorts
  readonly broker?: ProcessIdentity
  readonly epmd?: ProcessIdentity
}

/** Cold starts take 4 s on a quiet machine and were seen to take 25 s on a crowded one. */
const startTimeoutMs = 120_000

/** A private RabbitMQ node made of the machine's own binaries; throws when there are none (see `findRabbit`). */
export async function startRabbit(options: RabbitOptions): Promise<RunningRabbit> {
  const onProgress = options.onProgress ?? (() => {})
  const directory = resolve(options.directory)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const script = findRabbit()
  if (script === undefined) throw new Error('there is no rabbitmq-server on this machine')
  const notesFile = join(directory, 'rabbitmq.json')
  const notes: Notes = readJson<Notes>(notesFile) ?? { adminUser: 'broker_admin', adminPassword: newSecret() }
  if (notes.broker !== undefined && notes.ports !== undefined && isRunning(notes.broker)) {
    if (await answers(notes, notes.ports)) {
      onProgress(`RabbitMQ was still running (pid ${notes.broker.pid}): taken over`)
      return handle(options, notes as StartedNotes, true)
    }
    onProgress(`a RabbitMQ of ours does not answer (pid ${notes.broker.pid}): stopping it`)
    await stopProcess(notes.broker, { graceMs: 5_000 })
  }
  if (notes.epmd !== undefined) await stopProcess(notes.epmd, { first: 'SIGKILL' })
  for (let attempt = 1; ; attempt++) {
    const started = await spawnNode(script, directory, notes, (written) => writeJson(notesFile, written))
    const failure = await untilReady(started, directory, onProgress)
    if (failure === undefined) {
      const ready = { ...started, ...ownEpmd(started) }
      writeJson(notesFile, ready)
      return handle(options, ready, false)
    }
    await stopProcess(started.broker, { first: 'SIGKILL' })
    if (started.epmd !== undefined) await stopProcess(started.epmd, { first: 'SIGKILL' })
    // Between choosing ports and binding them, another process may have taken one. Anything else does not mend itself.
    if (attempt === 3 || !/eaddrinuse|port_in_use|duplicate_node_name/i.test(failure)) throw new Error(failure)
  }
}

/** Stops the node of this folder and its port mapper, whichever process of ours started them. False: none was running. */
export async function stopRabbit(directory: string): Promise<boolean> {
  const notes = readJson<Notes>(join(directory, 'rabbitmq.json'))
  let found = false
  if (notes?.broker !== undefined) found = (await stopProcess(notes.broker, { graceMs: 30_000 })) !== 'gone'
  if (notes?.epmd !== undefined) found = (await stopProcess(notes.epmd, { first: 'SIGKILL' })) !== 'gone' || found
  return found
}

type StartedNotes = Notes & { readonly ports: RabbitPorts; readonly broker: ProcessIdentity }

async function spawnNode(
  script: string,
  directory: string,
  notes: Notes,
  write: (notes: StartedNotes) => void,
): Promise<StartedNotes> {
  const ports = await choosePorts(notes.ports)
  const env = prepareNode({ directory, ports, adminUser: notes.adminUser, adminPassword: notes.adminPassword })
  rmSync(join(directory, 'log', 'console.log'), { force: true })
  const log = openSync(join(directory, 'log', 'console.log'), 'a', 0o600)
  try {
    const run = (command: string, words: string[]): ProcessIdentity | undefined => {
      // Their own process groups, so that Ctrl-C in a terminal reaches us and not them.
      const child = spawn(command, words, { cwd: directory, env, stdio: ['ignore', log, log], detached: true })
      child.on('error', () => {})
      child.unref()
      return child.pid === undefined ? undefined : identify(child.pid)
    }
    const mapper = findEpmd()
    const epmd = mapper === undefined ? undefined : run(mapper, ['-port', String(ports.epmd), '-address', '127.0.0.1'])
    const broker = run(script, [])
    if (broker === undefined) throw new Error(`RabbitMQ ended at once:\n${tail(join(directory, 'log', 'console.log'))}`)
    const started = { ...notes, ports, broker, ...(epmd === undefined ? {} : { epmd }) }
    write(started)
    return started
  } finally {
    closeSync(log)
  }
}

function handle(options: RabbitOptions, notes: StartedNotes, adopted: boolean): RunningRabbit {
  const directory = resolve(options.directory)
  const processes = notes.epmd === undefined ? [notes.broker] : [notes.broker, notes.epmd]
  const release = options.durable === false ? leash(processes) : () => {}
  return {
    amqpUrl: `amqp://${notes.adminUser}:${notes.adminPassword}@127.0.0.1:${notes.ports.amqp}/%2F`,
    managementUrl: `http://127.0.0.1:${notes.ports.management}`,
    adminUser: notes.adminUser,
    adminPassword: notes.adminPassword,
    port: notes.ports.amqp,
    process: notes.broker,
    processes,
    log: join(directory, 'log', `${nodeName(directory)}.log`),
    adopted,
    async stop({ remove = false } = {}) {
      release()
      // What is to be removed, or was never meant to last, need not be put in order first.
      const gently = options.durable !== false && !remove
      await stopProcess(notes.broker, { first: gently ? 'SIGTERM' : 'SIGKILL', graceMs: 30_000 })
      if (notes.epmd !== undefined) await stopProcess(notes.epmd, { first: 'SIGKILL' })
      if (remove) await removeRabbit(directory)
    },
  }
}

/** Removes everything a private node left on disk. It must not run any more. */
export async function removeRabbit(directory: string): Promise<void> {
  // A killed broker's helpers may still write for an instant.
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(directory, { recursive: true, force: true })
      return
    } catch (error) {
      if (attempt === 20) throw error
      await sleep(50)
    }
  }
}

/** The ports it had last time while all are free, so that URLs people noted down keep working. */
async function choosePorts(remembered: RabbitPorts | undefined): Promise<RabbitPorts> {
  if (
    remembered !== undefined &&
    (await Promise.all(Object.values(remembered).map((port) => isPortFree(port)))).every(Boolean)
  ) {
    return remembered
  }
  const [amqp, management, distribution, epmd] = (await freePorts(4)) as [number, number, number, number]
  return { amqp, management, distribution, epmd }
}

/** The port mapper that listens for this node, whoever started it: ours, or the one Erlang starts when it finds none. */
function ownEpmd(started: StartedNotes): { epmd?: ProcessIdentity } {
  const pid = whoHolds(started.ports.epmd)?.pid
  const name = pid === undefined ? undefined : commandLine(pid)?.split(' ')[0]
  const epmd = pid !== undefined && name !== undefined && basename(name) === 'epmd' ? identify(pid) : undefined
  return epmd === undefined ? {} : { epmd }
}

/** Undefined once it serves; else why it never will. */
async function untilReady(
  started: StartedNotes,
  directory: string,
  onProgress: (line: string) => void,
): Promise<string | undefined> {
  const begun = Date.now()
  let nextWord = begun + 10_000
  const logs = () =>
    `${tail(join(directory, 'log', `${nodeName(directory)}.log`))}\n${tail(join(directory, 'log', 'console.log'))}`
  while (Date.now() - begun < startTimeoutMs) {
    if (await answers(started, started.ports)) return undefined
    if (!isRunning(started.broker)) return `RabbitMQ did not start:\n${logs()}`
    if (Date.now() > nextWord) {
      onProgress(`RabbitMQ is still starting (${Math.round((Date.now() - begun) / 1000)} s)`)
      nextWord += 10_000
    }
    await sleep(100)
  }
  return `RabbitMQ did not answer within ${startTimeoutMs / 1000} s:\n${logs()}`
}

/** Both listeners: the AMQP one opens last, the management one proves that the password is ours. */
async function answers(notes: Notes, ports: RabbitPorts): Promise<boolean> {
  if (!(await connects(ports.amqp))) return false
  const authorization = `Basic ${Buffer.from(`${notes.adminUser}:${notes.adminPassword}`).toString('base64')}`
  try {
    const response = await fetch(`http://127.0.0.1:${ports.management}/api/whoami`, {
      headers: { authorization },
      signal: AbortSignal.timeout(3_000),
    })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 })
    const settle = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}
