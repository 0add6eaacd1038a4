import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ProcessIdentity, writeJson } from '@tributary/servers'
import { command, Failure, wholeNumber } from '../arguments.ts'
import { places, prepareHome, root } from '../places.ts'
import { announceStack } from '../stack/announce.ts'
import { rotate } from '../stack/child.ts'
import { claim, release, supervisor } from '../stack/claim.ts'
import { runDemo } from '../stack/demo.ts'
import { followUntilReady } from '../stack/follow.ts'
import { requireGivenUrls } from '../stack/given-urls.ts'
import { ensureNodeModules } from '../stack/node-modules.ts'
import { newProgress, type Progress } from '../stack/progress.ts'
import { purge } from '../stack/purge.ts'
import { type Choices, defaultPortBase, readChoices, runningState } from '../stack/state.ts'
import { type Stack, startStack } from '../stack/supervisor.ts'

const help = `
Usage: ./tributary up [--detach] [--demo] [--fresh] [--port-base N] [--no-install]

Starts PostgreSQL, RabbitMQ and the six services, waits until they are ready, and prints URLs, credentials and the next command.
Without --detach it stays in the foreground and Ctrl-C stops everything it started.

  --detach        return once everything is ready; ./tributary down stops it
  --demo          seed a small programme through the public APIs, send events, and show them becoming ledger entries
  --fresh         throw away this checkout's local data and secrets first
  --port-base N   admin on N, ingest N+1, rewards N+2, ledger N+3, payouts N+4, fraud N+5, metrics each +100 (default 4000;
                  remembered)
  --no-install    install nothing: fail (exit 3) where npm packages, RabbitMQ or an image are missing

DATABASE_URL, AMQP_URL (administrators' URLs): use those servers instead of private ones; they are left running.
AMQP_MANAGEMENT_URL: the management API of that broker, when it is not on port 15672 of the same host.
TRIBUTARY_RABBITMQ_IMAGE: the image for Docker, default rabbitmq:4-management.
State, secrets, data and logs live in .tributary/ (mode 0700).
`

const options = {
  detach: { type: 'boolean', default: false },
  demo: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
  'port-base': { type: 'string' },
  'no-install': { type: 'boolean', default: false },
  /** When the person's command began, handed to the detached process so that its times are theirs. */
  begun: { type: 'string' },
} as const

export const up = command({
  name: 'up',
  summary: 'set everything up and start it',
  help,
  options,
  async run(values) {
    const progress = newProgress(values.begun === undefined ? Date.now() : Number(values.begun))
    const asked = values['port-base']
    // The highest port is the base plus 105.
    const portBase = asked === undefined ? undefined : wholeNumber('up', 'port-base', asked, 1024, 65_430)
    ensureNodeModules(!values['no-install'])
    const holder = await settledSupervisor()
    if (holder !== undefined) return alreadyUp(holder.pid, portBase, values, progress)
    requireGivenUrls()
    // What a person chose outlives the data.
    const kept = readChoices()
    if (values.fresh) await purge(progress.step)
    prepareHome()
    const chosen = rememberPortBase(portBase, kept)
    if (values.detach) return detach(values, progress)
    return serve(chosen, values, progress)
  },
})

/** Another command may just be starting or stopping the stack of this checkout: what it comes to decides what we do. */
async function settledSupervisor(): Promise<ProcessIdentity | undefined> {
  const deadline = Date.now() + settleTimeoutMs
  let said = ''
  for (;;) {
    const holder = supervisor()
    const phase = runningState()?.phase ?? 'starting or stopping'
    if (holder === undefined || phase === 'ready') return holder
    if (Date.now() > deadline) throw new Failure(`Tributary is still ${phase} in this checkout (pid ${holder.pid})`)
    if (said !== phase) console.log(`Tributary is ${phase} in this checkout (pid ${holder.pid}): waiting for that.`)
    said = phase
    await sleep(200)
  }
}

/** The longest start and the longest stop that are still in order. */
const settleTimeoutMs = 150_000

type UpValues = {
  demo: boolean
  fresh: boolean
  detach: boolean
  'no-install': boolean
  'port-base'?: string | undefined
}

/** One stack per checkout. Asking again is no mistake: it says where things are, and a demo can still be run. */
async function alreadyUp(
  pid: number,
  portBase: number | undefined,
  values: UpValues,
  progress: Progress,
): Promise<number> {
  const state = runningState()
  const what = `Tributary is already up in this checkout (pid ${pid})`
  if (values.fresh || (portBase !== undefined && portBase !== state?.portBase)) {
    throw new Failure(`${what}; for --fresh or another --port-base, first: ./tributary down`)
  }
  console.log(`${what}.`)
  if (values.demo) await runDemo(progress)
  announceStack()
  return 0
}

function rememberPortBase(asked: number | undefined, kept: Choices): number {
  const portBase = asked ?? kept.portBase
  if (portBase !== readChoices().portBase) writeJson(places.choices, { ...kept, portBase })
  return portBase ?? defaultPortBase
}

/** The foreground: stays until told to stop, or until starting failed. */
async function serve(portBase: number, values: UpValues, progress: Progress): Promise<number> {
  const other = claim()
  if (other !== undefined)
    throw new Failure(`another up started at the same moment (pid ${other.pid}); ./tributary status says more`)
  const stopAsked = untilAskedToStop()
  try {
    const stack = await orStopped(startStack(portBase, !values['no-install'], progress), stopAsked, progress)
    if (stack === undefined) return 130
    try {
      const shown = values.demo ? await Promise.race([tryDemo(progress), stopAsked.then(() => true)]) : true
      announceStack()
      progress.step('ready')
      markAnnounced(shown ? 0 : 1)
      await stopAsked
    } finally {
      progress.step('stopping')
      await stack.stop()
      progress.step('stopped')
    }
    return 0
  } finally {
    release()
  }
}

/** Ctrl-C while things start: they are let finish starting, then stopped, so that nothing half-started stays behind. */
async function orStopped(
  starting: Promise<Stack>,
  stopAsked: Promise<void>,
  progress: Progress,
): Promise<Stack | undefined> {
  const first = await Promise.race([starting, stopAsked.then(() => 'asked' as const)])
  if (first !== 'asked') return first
  progress.step('asked to stop while starting: it is let finish, then stopped')
  await starting.then(
    (stack) => stack.stop(),
    () => {},
  )
  progress.step('stopped')
  return undefined
}

function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve())
  })
}

/** A demo that fails says why; the stack it ran on stays up to be looked at. */
async function tryDemo(progress: Progress): Promise<boolean> {
  try {
    await runDemo(progress)
    return true
  } catch (error) {
    progress.step(`the demo failed: ${error instanceof Failure ? error.message : (error as Error).stack}`)
    return false
  }
}

/** Tells the waiting `up --detach` that all is said, and how it went; whether it still listens does not matter. */
function markAnnounced(exitCode: number): void {
  if (!process.connected) return
  process.send?.(exitCode, undefined, {}, () => process.disconnect())
}

/** Starts this same command in the background and repeats what it says until it is ready. */
async function detach(values: UpValues, progress: Progress): Promise<number> {
  rotate(places.supervisorLog)
  const log = openSync(places.supervisorLog, 'a', 0o600)
  const words = [fileURLToPath(new URL('../main.ts', import.meta.url)), 'up', '--begun', String(progress.begun)]
  if (values.demo) words.push('--demo')
  if (values['no-install']) words.push('--no-install')
  try {
    const child = spawn(process.execPath, words, { cwd: root, detached: true, stdio: ['ignore', log, log, 'ipc'] })
    return await followUntilReady(child, places.supervisorLog)
  } finally {
    closeSync(log)
  }
}
