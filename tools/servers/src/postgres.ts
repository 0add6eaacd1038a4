import { spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { newSecret, readJson, readLines, tail, writeJson } from './files.ts'
import { describeHolder, freePorts, isPortFree, whoHolds } from './ports.ts'
import { type PostgresPlace, preparePlace, removePostgres } from './postgres-place.ts'
import { settings } from './postgres-settings.ts'
import { identify, isRunning, leash, type ProcessIdentity, stopProcess, workingDirectory } from './process.ts'

export interface PostgresOptions {
  /** Holds notes and, where its user can reach it, the data. The same folder again is the same server again. */
  readonly directory: string
  /** Without it: the port it had last time, or a free one. */
  readonly port?: number
  /** False for tests: no fsync, stopped at once, and ended when this process ends. Default true. */
  readonly durable?: boolean
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>
  readonly onProgress?: (line: string) => void
}

export interface RunningPostgres {
  /** Of the superuser `postgres`, on database `postgres`, with its password. */
  readonly url: string
  readonly port: number
  readonly process: ProcessIdentity
  readonly processes: readonly ProcessIdentity[]
  readonly log: string
  /** True: it ran already, left by a process of ours that ended without stopping it. */
  readonly adopted: boolean
  stop(options?: { remove?: boolean }): Promise<void>
}

interface Notes {
  readonly password: string
  readonly port?: number
  readonly process?: ProcessIdentity
}

const startTimeoutMs = 60_000

/** A real PostgreSQL of our own on loopback, with a generated password; comes back with its data in the same folder. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const onProgress = options.onProgress ?? (() => {})
  const place = preparePlace(options.directory, onProgress)
  const notesFile = join(place.notes, 'postgres.json')
  const remembered = readJson<Notes>(notesFile)
  const notes: Notes = remembered ?? { password: newSecret() }
  const orphan = findOrphan(place, notes)
  if (orphan !== undefined) {
    if (await answers(urlOf(notes.password, orphan.port))) {
      onProgress(`PostgreSQL was still running (pid ${orphan.process.pid}): taken over`)
      writeJson(notesFile, { ...notes, ...orphan })
      return handle(options, place, notes.password, orphan, true)
    }
    onProgress(`a PostgreSQL of ours does not answer (pid ${orphan.process.pid}): stopping it`)
    await stopProcess(orphan.process, { first: 'SIGINT' })
  }
  rmSync(join(place.data, 'postmaster.pid'), { force: true })
  const isThere = existsSync(join(place.data, 'PG_VERSION'))
  // Not written down anew before this: the second attempt would take the new password for the old data's.
  if (isThere && remembered === undefined) {
    throw new Error(`${place.data} holds an earlier database whose password is gone, as ${notesFile} is missing`)
  }
  writeJson(notesFile, notes)
  if (!isThere) {
    onProgress('creating the PostgreSQL data folder')
    await initialise(place, notes.password, options.durable !== false)
  }
  for (let attempt = 1; ; attempt++) {
    const port = await choosePort(options.port, notes.port)
    const started = spawnServer(place, port, options)
    writeJson(notesFile, { ...notes, port, process: started })
    const failure = await untilReady(started, urlOf(notes.password, port), place.log)
    if (failure === undefined) return handle(options, place, notes.password, { port, process: started }, false)
    await stopProcess(started, { first: 'SIGINT' })
    // Between choosing a port and binding it another process may have taken it, and a killed postmaster's children take a
    // moment to leave its shared memory. Anything else does not mend itself.
    if (attempt === 5 || !/Address already in use|shared memory block/.test(failure)) throw new Error(failure)
    await sleep(300)
  }
}

/** Stops the server of this folder, whichever process of ours started it. False: none was running. */
export async function stopPostgres(directory: string): Promise<boolean> {
  const notes = readJson<Notes>(join(directory, 'postgres.json'))
  if (notes?.process === undefined) return false
  return (await stopProcess(notes.process, { first: 'SIGINT', graceMs: 30_000 })) !== 'gone'
}

function handle(
  options: PostgresOptions,
  place: PostgresPlace,
  password: string,
  running: { port: number; process: ProcessIdentity },
  adopted: boolean,
): RunningPostgres {
  const durable = options.durable !== false
  const release = durable ? () => {} : leash([running.process])
  return {
    url: urlOf(password, running.port),
    port: running.port,
    process: running.process,
    processes: [running.process],
    log: place.log,
    adopted,
    async stop({ remove = false } = {}) {
      release()
      // SIGINT is PostgreSQL's fast shutdown: it breaks connections off and checkpoints. SIGQUIT skips the checkpoint.
      await stopProcess(running.process, { first: durable ? 'SIGINT' : 'SIGQUIT', graceMs: 30_000 })
      if (remove) removePostgres(options.directory)
    },
  }
}

function urlOf(password: string, port: number): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}

/** A postmaster on our data folder: the one we wrote down, or the one its own pid file names, if it really works in that folder. */
function findOrphan(place: PostgresPlace, notes: Notes): { port: number; process: ProcessIdentity } | undefined {
  const lines = readLines(join(place.data, 'postmaster.pid'))
  const found = identify(Number(lines[0]))
  const port = Number(lines[3])
  if (found !== undefined && port > 0 && isPostmasterOf(found, place, notes)) return { port, process: found }
  if (notes.process !== undefined && notes.port !== undefined && isRunning(notes.process)) {
    return { port: notes.port, process: notes.process }
  }
  return undefined
}

function isPostmasterOf(found: ProcessIdentity, place: PostgresPlace, notes: Notes): boolean {
  return workingDirectory(found.pid) === place.data || found.startTime === notes.process?.startTime
}

async function choosePort(asked: number | undefined, remembered: number | undefined): Promise<number> {
  if (asked !== undefined) {
    if (await isPortFree(asked)) return asked
    const holder = whoHolds(asked)
    throw new Error(
      `port ${asked} for PostgreSQL is taken${holder === undefined ? '' : ` by ${describeHolder(holder)}`}`,
    )
  }
  if (remembered !== undefined && (await isPortFree(remembered))) return remembered
  return (await freePorts(1))[0] as number
}

async function initialise(place: PostgresPlace, password: string, durable: boolean): Promise<void> {
  // Made beside and then renamed: a data folder that is there is whole, whatever interrupted its making.
  const unfinished = `${place.data}.new`
  rmSync(unfinished, { recursive: true, force: true })
  rmSync(place.data, { recursive: true, force: true })
  const passwordFile = `${place.data}.password`
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  if (place.runAs !== undefined) chownSync(passwordFile, place.runAs.uid, place.runAs.gid)
  // The built-in C.UTF-8 sorts the same on every machine and needs no locale of the system's.
  const words = [
    '-D',
    unfinished,
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
  ]
  words.push('--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions')
  if (!durable) words.push('--no-sync')
  const log = openSync(place.log, 'a', 0o600)
  try {
    const child = spawn(join(place.binaries, 'initdb'), words, spawnOptions(place, log))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    if (code !== 0) throw new Error(`initdb failed (exit ${code}):\n${tail(place.log)}`)
    renameSync(unfinished, place.data)
  } finally {
    closeSync(log)
    unlinkSync(passwordFile)
  }
}

function spawnServer(place: PostgresPlace, port: number, options: PostgresOptions): ProcessIdentity {
  // Each start has a log of its own: a failure is then read from this start's lines, and the file stays small.
  rmSync(place.log, { force: true })
  const log = openSync(place.log, 'a', 0o600)
  const words = Object.entries({
    ...settings(options.durable !== false),
    ...options.settings,
    port: String(port),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  try {
    const child = spawn(join(place.binaries, 'postgres'), ['-D', place.data, ...words], spawnOptions(place, log))
    child.on('error', () => {})
    child.unref()
    const identity = child.pid === undefined ? undefined : identify(child.pid)
    if (identity === undefined) throw new Error(`PostgreSQL ended at once:\n${tail(place.log)}`)
    return identity
  } finally {
    closeSync(log)
  }
}

/** Its own process group, so that Ctrl-C in a terminal reaches us and not it; nothing of our environment. */
function spawnOptions(place: PostgresPlace, log: number) {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', NODE_ENV: 'production' as const }
  return { cwd: '/', env, stdio: ['ignore', log, log] as ('ignore' | number)[], detached: true, ...place.runAs }
}

/** Undefined once it answers; else why it never will. */
async function untilReady(started: ProcessIdentity, url: string, log: string): Promise<string | undefined> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (await answers(url)) return undefined
    if (!isRunning(started)) return `PostgreSQL did not start:\n${tail(log)}`
    await sleep(30)
  }
  return `PostgreSQL did not answer within ${startTimeoutMs / 1000} s:\n${tail(log)}`
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
