import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { commandLine } from './process.ts'

/** Who listens on a port. Without a pid it belongs to another user, whose processes we may not look into. */
export interface PortHolder {
  readonly port: number
  readonly pid?: number
  readonly command?: string
  /** Of the process; known on Linux even when the process itself is not. */
  readonly userId?: number
}

/**
 * Ports for servers nobody types: above the usual services, below Linux's default ephemeral range (32768..60999), so that no
 * outgoing connection happens to sit on one when a server comes back to its remembered port.
 */
const privateRange = { from: 20_000, to: 32_000 }

/** True when `port` can be bound on loopback right now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** `count` different free ports. They are random, so that copies starting at the same instant seldom pick the same. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let attempt = 0; attempt < 500 && found.size < count; attempt++) {
    const port = privateRange.from + Math.floor(Math.random() * (privateRange.to - privateRange.from))
    if (!found.has(port) && (await isPortFree(port))) found.add(port)
  }
  if (found.size < count)
    throw new Error(`found no ${count} free ports between ${privateRange.from} and ${privateRange.to}`)
  return [...found]
}

/** Who listens on `port`, as far as this user may know; undefined when nobody does. */
export function whoHolds(port: number): PortHolder | undefined {
  if (process.platform !== 'linux') return whoHoldsWithLsof(port)
  const socket = listeningSocket(port)
  if (socket === undefined) return undefined
  const pid = ownerOfSocket(socket.inode)
  if (pid === undefined) return { port, userId: socket.userId }
  const command = commandLine(pid)
  return { port, pid, userId: socket.userId, ...(command === undefined ? {} : { command }) }
}

/** The holder in words: `"node server.js" (pid 123)`, or whose process it is when that is all we can see. */
export function describeHolder(holder: PortHolder): string {
  if (holder.pid !== undefined) {
    const command = holder.command ?? 'a process'
    return `"${command.length > 100 ? `${command.slice(0, 100)}...` : command}" (pid ${holder.pid})`
  }
  return `another user's process${holder.userId === undefined ? '' : ` (user ${userName(holder.userId)})`}`
}

function listeningSocket(port: number): { inode: string; userId: number } | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let text: string
    try {
      text = readFileSync(table, 'utf8')
    } catch {
      continue
    }
    for (const line of text.split('\n').slice(1)) {
      const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/)
      // 0A is LISTEN.
      if (state === '0A' && local?.endsWith(`:${wanted}`) && inode !== undefined) return { inode, userId: Number(uid) }
    }
  }
  return undefined
}

function ownerOfSocket(inode: string): number | undefined {
  const wanted = `socket:[${inode}]`
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      for (const descriptor of readdirSync(`/proc/${name}/fd`)) {
        if (readlinkSync(`/proc/${name}/fd/${descriptor}`) === wanted) return Number(name)
      }
    } catch {
      // Another user's process, or one that ended while we looked.
    }
  }
  return undefined
}

function userName(userId: number): string {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((each) => each.split(':')[2] === String(userId))
    return line?.split(':')[0] ?? String(userId)
  } catch {
    return String(userId)
  }
}

function whoHoldsWithLsof(port: number): PortHolder | undefined {
  try {
    const pid = Number(
      execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' }).split('\n')[0],
    )
    const command = commandLine(pid)
    return pid > 0 ? { port, pid, ...(command === undefined ? {} : { command }) } : undefined
  } catch {
    return undefined
  }
}
