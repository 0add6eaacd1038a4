import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@tributary/contracts'
import { freePorts } from '@tributary/servers'
import { defer } from './undo.ts'
import { Missing, until } from './until.ts'

/** A service as it runs in production: a process of its own. */
export type ServiceProcess = Readonly<{
  name: ServiceName
  url: string
  /** Starts it and waits until it is ready. The ports stay the same from one start to the next. */
  start(): Promise<void>
  /** SIGKILL: it gets to finish nothing. Resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>
}>

const root = fileURLToPath(new URL('../../..', import.meta.url))
const LOG_LINES_MAX = 60

/** Prepares a service as a process with exactly this environment (ports are chosen here); gone with the test. */
export async function serviceProcess(
  name: ServiceName,
  environment: Readonly<Record<string, string>>,
  givenPort?: number,
): Promise<ServiceProcess> {
  const [freePort, metricsPort] = (await freePorts(2)) as [number, number]
  const port = givenPort ?? freePort
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let lines: string[] = []

  const env = {
    PATH: process.env.PATH ?? '',
    TZ: 'UTC',
    ...environment,
    HTTP_PORT: String(port),
    METRICS_PORT: String(metricsPort),
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const gone = new Promise<number | null>((resolve) => child?.once('exit', resolve))
    child.kill(signal)
    return gone
  }

  defer(() => end('SIGKILL'))
  return {
    name,
    url,
    async start() {
      lines = []
      const started = spawn(process.execPath, [`services/${name}/src/main.ts`], {
        cwd: root,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      for (const output of [started.stdout, started.stderr]) {
        output.on('data', (chunk: Buffer) => {
          lines = [...lines, ...chunk.toString().trimEnd().split('\n')].slice(-LOG_LINES_MAX)
        })
      }
      await until(
        `${name} to be ready`,
        async () => {
          if (started.exitCode !== null) throw new Error(`${name} ended with ${started.exitCode}:\n${lines.join('\n')}`)
          const reason = await readiness(url)
          return reason === null ? true : new Missing(`${reason}\n${lines.join('\n')}`)
        },
        { timeoutMs: 30_000 },
      )
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  }
}

/** Null when ready, else why not. */
async function readiness(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
    const text = await response.text()
    return response.ok ? null : text
  } catch (error) {
    return String(error)
  }
}
