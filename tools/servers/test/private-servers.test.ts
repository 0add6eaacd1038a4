import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import {
  commandLine,
  findRabbit,
  isRunning,
  type ProcessIdentity,
  removePostgres,
  startPostgres,
  startRabbit,
  whoHolds,
} from '../src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'tributary-servers-'))
const undo: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const step of undo.reverse()) await step()
  rmSync(directory, { recursive: true, force: true })
})

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Starts a server in a process of its own and kills that process, as a crash would. */
async function abandon(script: string): Promise<ProcessIdentity> {
  const index = fileURLToPath(new URL('../src/index.ts', import.meta.url))
  const text = `import { startPostgres, startRabbit } from ${JSON.stringify(index)}
    const server = await ${script}
    console.log(JSON.stringify(server.process))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString()))
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
  child.removeAllListeners('exit')
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  return JSON.parse(line) as ProcessIdentity
}

describe('a private PostgreSQL', () => {
  it('lets in nobody without its password, listens on loopback alone and starts beside another one', async () => {
    const [first, second] = await Promise.all([
      startPostgres({ directory: join(directory, 'one'), durable: false }),
      startPostgres({ directory: join(directory, 'two'), durable: false }),
    ])
    undo.push(
      () => first.stop({ remove: true }),
      () => second.stop({ remove: true }),
    )
    expect(first.port).not.toBe(second.port)
    const wrong = first.url.replace(/:[^:@]+@/, ':wrong@')
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
    expect(await query(first.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
    if (process.getuid?.() === 0)
      expect(readFileSync(`/proc/${first.process.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0\s/m)
  })

  it('left running by a killed process is taken over, with its data and its port', async () => {
    const place = join(directory, 'orphan')
    const orphan = await abandon(`startPostgres({ directory: ${JSON.stringify(place)} })`)
    expect(isRunning(orphan)).toBe(true)
    const again = await startPostgres({ directory: place })
    undo.push(() => again.stop({ remove: true }))
    expect(again.adopted).toBe(true)
    expect(again.process).toEqual(orphan)
    await query(again.url, 'CREATE TABLE kept (id int)')

    await again.stop()
    expect(isRunning(orphan)).toBe(false)
    const third = await startPostgres({ directory: place })
    undo.push(() => third.stop({ remove: true }))
    expect(third.adopted).toBe(false)
    expect(third.port).toBe(again.port)
    expect(await query(third.url, 'SELECT * FROM kept')).toEqual([])
  })

  it('meant for a test ends with the process that started it, and stop with remove leaves no file', async () => {
    const place = join(directory, 'leashed')
    const leashed = await abandon(`startPostgres({ directory: ${JSON.stringify(place)}, durable: false })`)
    await expect.poll(() => isRunning(leashed), { timeout: 5_000 }).toBe(false)
    const again = await startPostgres({ directory: place, durable: false })
    await again.stop({ remove: true })
    expect(existsSync(place)).toBe(false)
    expect(existsSync(again.log)).toBe(false)
  })

  it('whose password was deleted with our notes says so at once, each time, and touches no data', async () => {
    const place = join(directory, 'forgotten')
    const first = await startPostgres({ directory: place, durable: false })
    await first.stop()
    rmSync(join(place, 'postgres.json'))
    for (const _ of ['first', 'second']) {
      await expect(startPostgres({ directory: place, durable: false })).rejects.toThrow(/whose password is gone/)
    }
    removePostgres(place)
    const anew = await startPostgres({ directory: place, durable: false })
    await anew.stop({ remove: true })
  })

  it('says who holds the port it was told to use', async () => {
    const holder = await startPostgres({ directory: join(directory, 'holder'), durable: false })
    undo.push(() => holder.stop({ remove: true }))
    expect(whoHolds(holder.port)?.pid).toBe(holder.process.pid)
    undo.push(async () => removePostgres(join(directory, 'late')))
    const second = startPostgres({ directory: join(directory, 'late'), port: holder.port, durable: false })
    await expect(second).rejects.toThrow(new RegExp(`port ${holder.port} .*taken by .*pid ${holder.process.pid}`))
  })
})

describe.skipIf(findRabbit() === undefined)('a private RabbitMQ', () => {
  it('left running by a killed process is taken over; nothing of it listens beyond loopback or outlives it', async () => {
    const place = join(directory, 'rabbit')
    const orphan = await abandon(`startRabbit({ directory: ${JSON.stringify(place)} })`)
    const rabbit = await startRabbit({ directory: place })
    undo.push(() => rabbit.stop({ remove: true }))
    expect(rabbit.adopted).toBe(true)
    expect(rabbit.process).toEqual(orphan)
    expect(commandLine(orphan.pid)).toContain(place)

    const listening = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n'))
    const ports = Object.values(
      JSON.parse(readFileSync(join(place, 'rabbitmq.json'), 'utf8')).ports as Record<string, number>,
    )
    for (const port of ports) {
      const hex = port.toString(16).toUpperCase().padStart(4, '0')
      const addresses = listening
        .map((line) => line.trim().split(/\s+/))
        .filter((words) => words[1]?.endsWith(`:${hex}`) && words[3] === '0A')
      const loopback = [`0100007F:${hex}`, `00000000000000000000000001000000:${hex}`]
      expect(addresses.map((words) => words[1])).toContain(loopback[0])
      expect(addresses.filter((words) => !loopback.includes(words[1] as string))).toEqual([])
    }
    const guest = await fetch(`${rabbit.managementUrl}/api/whoami`, {
      headers: { authorization: `Basic ${btoa('guest:guest')}` },
    })
    expect(guest.status).toBe(401)

    await rabbit.stop({ remove: true })
    expect(rabbit.processes).toHaveLength(2)
    for (const each of rabbit.processes) expect(isRunning(each)).toBe(false)
    expect(existsSync(place)).toBe(false)
  })
})
