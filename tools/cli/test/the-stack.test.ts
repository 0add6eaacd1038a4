import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLine, isPortFree, isRunning, type ProcessIdentity } from '@tributary/servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StackState } from '../src/stack/state.ts'
import { tributary } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'))
const home = join(folder, 'home')
let base: number

/** Every process this stack ever had; none may be left at the end. */
const everStarted: ProcessIdentity[] = []

beforeAll(async () => {
  base = await freeBase()
})

afterAll(async () => {
  await tributary(home, ['down', '--purge'])
  rmSync(folder, { recursive: true, force: true })
}, 120_000)

async function freeBase(): Promise<number> {
  for (;;) {
    const candidate = 12_000 + Math.floor(Math.random() * 7_000)
    const ports = [0, 1, 2, 3, 4, 5].flatMap((offset) => [candidate + offset, candidate + offset + 100])
    if ((await Promise.all(ports.map((port) => isPortFree(port)))).every(Boolean)) return candidate
  }
}

function state(): StackState {
  const found = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as StackState
  const processes = [found.supervisor, ...(found.postgres?.processes ?? []), ...(found.rabbitmq?.processes ?? [])]
  for (const service of Object.values(found.services))
    if (service.process !== undefined) processes.push(service.process)
  everStarted.push(...processes)
  return found
}

interface Status {
  services: Record<string, { url: string; metricsUrl: string; pid: number; ready: boolean; restarts: number }>
  postgres: { url: string; source: string }
  rabbitmq: { url: string; source: string }
  webhookSecret: string
}

async function status(): Promise<Status> {
  return JSON.parse((await tributary(home, ['status', '--json'])).stdout) as Status
}

describe('the stack of a checkout', () => {
  it('names the holder of a taken port and a base that is free, and leaves nothing running', async () => {
    const holder = createServer().listen(base + 3, '127.0.0.1')
    const { code, stderr } = await tributary(home, ['up', '--detach', '--port-base', String(base)])
    holder.close()
    expect(code).toBe(1)
    // The detached process says it into the log that we repeat.
    const said = `${stderr}${readFileSync(join(home, 'logs', 'supervisor.log'), 'utf8')}`
    expect(said).toMatch(new RegExp(`port ${base + 3} is taken by .*pid ${process.pid}`))
    expect(said).toMatch(/up --port-base \d+/)
    expect(existsSync(join(home, 'postgres', 'postgres.json'))).toBe(false)
  }, 60_000)

  it('comes up, remembers its ports, keeps its secrets to itself, and says what runs where', async () => {
    const { code, stdout } = await tributary(home, ['up', '--detach'])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    state()
    expect(statSync(home).mode & 0o777).toBe(0o700)
    const { services, postgres, rabbitmq, webhookSecret } = await status()
    expect(Object.keys(services).sort()).toEqual(['admin', 'fraud', 'ingest', 'ledger', 'payouts', 'rewards'])
    expect(services.ingest).toMatchObject({ url: `http://127.0.0.1:${base + 1}`, ready: true, restarts: 0 })
    expect(postgres.source).toBe('embedded')
    expect(['binary', 'docker']).toContain(rabbitmq.source)
    expect(webhookSecret).toMatch(/^whsec_/)
    expect(stdout).toContain(webhookSecret)
  }, 180_000)

  it('a second up says that it is up already', async () => {
    const { code, stdout } = await tributary(home, ['up'])
    expect(code).toBe(0)
    expect(stdout).toContain(`already up in this checkout (pid ${state().supervisor.pid})`)
  }, 60_000)

  it('exports the books, signed, and verifies the file by itself, with this checkout’s key and anchor', async () => {
    const file = join(folder, 'books.gz')
    const data = JSON.stringify({ externalUserId: 'user-1', email: 'user-1@example.com' })
    await tributary(home, ['send', 'user.registered', '--data', data])
    expect(await tributary(home, ['verify', '--export', file])).toMatchObject({ code: 0, stderr: '' })
    const { code, stdout } = await tributary(home, ['verify', '--offline', file])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(stdout).toContain(join(home, 'ledger-public-keys.pem'))
    expect(stdout).toContain('The books in this file are sound.')
    expect(await tributary(home, ['verify'])).toMatchObject({ code: 0 })
  }, 60_000)

  it('shows what a replay would change, and replays', async () => {
    const range = ['--type', 'user.registered', '--from', '2020-01-01', '--to', '2100-01-01']
    const { code, stdout } = await tributary(home, ['replay', ...range, '--dry-run'])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^1 events: 1 (processed|received)\n/)
    expect(stdout).toMatch(/Money delta(, estimated)?: 0/)
    const done = await tributary(home, ['replay', ...range])
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain('done: 1 published, 0 left out')
  }, 60_000)

  it('seals every secret anew', async () => {
    const { code, stdout } = await tributary(home, ['reseal'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+ secrets? sealed anew with key [0-9a-f]{8}\./)])
  })

  it('a killed service is started again, and status says so', async () => {
    const before = (await status()).services.fraud
    process.kill(before?.pid as number, 'SIGKILL')
    await expect
      .poll(async () => (await status()).services.fraud, { timeout: 30_000, interval: 500 })
      .toMatchObject({ ready: true, restarts: 1 })
    expect((await status()).services.fraud?.pid).not.toBe(before?.pid)
  }, 60_000)

  it('after a killed supervisor the next up takes over the servers, adds secrets that are new, and replaces the services', async () => {
    const before = state()
    process.kill(before.supervisor.pid, 'SIGKILL')
    await expect.poll(() => isRunning(before.supervisor)).toBe(false)
    for (const service of Object.values(before.services))
      expect(isRunning(service.process as ProcessIdentity)).toBe(true)

    // As the release before left it.
    const {
      ledgerSigningKey: _,
      ingestSigningKey: _2,
      ...secrets
    } = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8'))
    writeFileSync(join(home, 'secrets.json'), JSON.stringify(secrets))

    const { code, stdout } = await tributary(home, ['up', '--detach'])
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8'))).toMatchObject({
      ...secrets,
      ledgerSigningKey: expect.stringContaining('PRIVATE KEY'),
      ingestSigningKey: expect.stringContaining('PRIVATE KEY'),
    })
    const after = state()
    for (const service of Object.values(before.services))
      expect(isRunning(service.process as ProcessIdentity)).toBe(false)
    expect(after.postgres?.processes).toEqual(before.postgres?.processes)
    expect(after.rabbitmq?.processes).toEqual(before.rabbitmq?.processes)
    expect(after.portBase).toBe(base)
  }, 180_000)

  it('down --purge leaves no process and no file, also after a killed supervisor', async () => {
    const { supervisor } = state()
    process.kill(supervisor.pid, 'SIGKILL')
    await expect.poll(() => isRunning(supervisor)).toBe(false)
    const { code } = await tributary(home, ['down', '--purge'])
    expect(code).toBe(0)
    const left = everStarted.filter((each) => isRunning(each)).map((each) => commandLine(each.pid))
    expect(left).toEqual([])
    expect(existsSync(home)).toBe(false)
  }, 120_000)
})
