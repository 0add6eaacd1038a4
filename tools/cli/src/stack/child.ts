import { spawn } from 'node:child_process'
import { closeSync, openSync, renameSync, statSync } from 'node:fs'
import { identify, type ProcessIdentity, stopProcess } from '@tributary/servers'
import type { ChildReport } from './state.ts'

export interface ChildSpec {
  readonly name: string
  readonly command: string
  readonly words: readonly string[]
  readonly cwd: string
  /** The whole environment: nothing of ours is inherited. */
  readonly env: NodeJS.ProcessEnv
  readonly log: string
}

export interface Child {
  report(): ChildReport
  /** SIGTERM, then SIGKILL after `graceMs`; it is not started again. */
  stop(graceMs: number): Promise<void>
}

/** 0.5 s doubling to 30 s; a minute of health forgives everything. */
export const backoff = { firstMs: 500, maxMs: 30_000, forgivenAfterMs: 60_000 }

const logMaxBytes = 10 * 1024 * 1024

/** Starts a program and starts it again, ever more slowly, whenever it ends by itself. */
export function supervise(spec: ChildSpec, onChange: (report: ChildReport) => void, pace = backoff): Child {
  let current: ProcessIdentity | undefined
  let report: ChildReport = { restarts: 0 }
  let delayMs = pace.firstMs
  let timer: NodeJS.Timeout | undefined
  let stopping = false

  function start(): void {
    timer = undefined
    const begun = Date.now()
    const child = launch(spec)
    current = child.pid === undefined ? undefined : identify(child.pid)
    const past = { restarts: report.restarts, ...(report.lastExit === undefined ? {} : { lastExit: report.lastExit }) }
    report = current === undefined ? past : { ...past, process: current }
    let ended = false
    const onEnd = (reason: string) => {
      if (ended) return
      ended = true
      current = undefined
      report = { restarts: report.restarts, lastExit: { at: new Date().toISOString(), reason } }
      if (!stopping) schedule(Date.now() - begun)
      onChange(report)
    }
    child.once('error', (error) => onEnd(error.message))
    child.once('exit', (code, signal) => onEnd(signal === null ? `exit ${code}` : `killed by ${signal}`))
    onChange(report)
  }

  function schedule(livedMs: number): void {
    if (livedMs >= pace.forgivenAfterMs) delayMs = pace.firstMs
    report = { ...report, restarts: report.restarts + 1, nextStartAt: new Date(Date.now() + delayMs).toISOString() }
    timer = setTimeout(start, delayMs)
    delayMs = Math.min(delayMs * 2, pace.maxMs)
  }

  start()
  return {
    report: () => report,
    async stop(graceMs) {
      stopping = true
      clearTimeout(timer)
      if (current !== undefined) await stopProcess(current, { graceMs })
    },
  }
}

function launch(spec: ChildSpec) {
  rotate(spec.log)
  const log = openSync(spec.log, 'a', 0o600)
  try {
    // Its own process group: Ctrl-C in the terminal reaches the supervisor alone, which then stops all in order.
    const stdio: ('ignore' | number)[] = ['ignore', log, log]
    return spawn(spec.command, [...spec.words], { cwd: spec.cwd, env: spec.env, stdio, detached: true })
  } finally {
    closeSync(log)
  }
}

/** One old log is kept, so that a crash loop cannot fill the disk. */
export function rotate(log: string): void {
  try {
    if (statSync(log).size > logMaxBytes) renameSync(log, `${log}.1`)
  } catch {
    // There is none yet.
  }
}
