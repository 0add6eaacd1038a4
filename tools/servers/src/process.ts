import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, as the kernel counts it, and in which boot: a pid is reused, this pair is not. */
  readonly startTime: string
}

let bootId: string | undefined

/** Names the running process `pid`, or says undefined when there is none (a zombie is none: it holds nothing any more). */
export function identify(pid: number): ProcessIdentity | undefined {
  if (process.platform !== 'linux') return identifyWithPs(pid)
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name, in brackets, may itself hold blanks and brackets: count fields from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { pid, startTime: `${bootId}/${fields[19]}` }
  } catch {
    return undefined
  }
}

function identifyWithPs(pid: number): ProcessIdentity | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return line === '' || line.startsWith('Z') ? undefined : { pid, startTime: line.replace(/^\S+\s+/, '') }
  } catch {
    return undefined
  }
}

/** True while exactly this process runs; false once it ended, also when another one got its pid. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime
}

/** The command line of a process, blanks between arguments; undefined when it is gone or hidden from us. */
export function commandLine(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    }
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined
  } catch {
    return undefined
  }
}

/** The folder a process works in, or undefined when the kernel will not tell. */
export function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

/** Sends a signal, but only to exactly this process. False: it was gone already. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false
  try {
    return process.kill(identity.pid, name)
  } catch {
    return false
  }
}

/** Waits until the process has ended; false when it still runs after `timeoutMs`. */
export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/** Asks with `first`, waits `graceMs`, then kills. Signals nothing but exactly this process. */
export async function stopProcess(
  identity: ProcessIdentity,
  options: { first?: NodeJS.Signals; graceMs?: number } = {},
): Promise<'gone' | 'stopped' | 'killed'> {
  if (!signal(identity, options.first ?? 'SIGTERM')) return 'gone'
  if (await waitUntilGone(identity, options.graceMs ?? 10_000)) return 'stopped'
  signal(identity, 'SIGKILL')
  await waitUntilGone(identity, 5_000)
  return 'killed'
}

/**
 * Ends `processes` when this process ends, however it ends, also by SIGKILL: a tiny shell waits for the end of its input.
 * For test runs, whose servers nobody will come back to adopt. Returns the way to call it off.
 */
export function leash(processes: readonly ProcessIdentity[]): () => void {
  if (process.platform !== 'linux') return () => {}
  const script = `read -r _; while [ $# -gt 1 ]; do
    [ "$(cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null)" = "$2" ] && kill -KILL "$1"; shift 2; done`
  const words = processes.flatMap((each) => [String(each.pid), each.startTime.split('/')[1] ?? ''])
  const shell = spawn('sh', ['-c', script, 'tributary-leash', ...words], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.on('error', () => {})
  shell.unref()
  // The pipe's other end must not keep this process alive; a Socket has unref although Writable does not say so.
  const input = shell.stdin as unknown as { unref?: () => void }
  input.unref?.()
  return () => {
    shell.kill('SIGKILL')
  }
}
