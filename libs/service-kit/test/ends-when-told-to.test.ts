import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { defer, testBroker, testDatabase, testEnvironment, until } from '@tributary/testing'
import { expect, test } from 'vitest'
import { sendRaw } from './raw-socket.ts'

const main = fileURLToPath(new URL('toy-main.ts', import.meta.url))

type Ended = Readonly<{ code: number | null; signal: NodeJS.Signals | null }>
type Process = Readonly<{
  child: ChildProcess
  ended: Promise<Ended>
  output: () => string
  url: () => Promise<string>
}>

function start(env: Record<string, string>): Process {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env.PATH ?? '', ...env }, stdio: 'pipe' })
  defer(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
  const url = async () => `http://127.0.0.1:${await until('the start', () => /"port":(\d+)/.exec(output)?.[1])}`
  return { child, ended, output: () => output, url }
}

async function startToyProcess(env: Record<string, string> = {}): Promise<Process & { base: string }> {
  const [database, broker] = await Promise.all([testDatabase('payouts'), testBroker()])
  const environment = await testEnvironment(database.url, broker.urls.payouts)
  const toy = start({ ...environment, LOG_LEVEL: 'info', TOY_SECRET: '0123456789', ...env })
  return { ...toy, base: await toy.url() }
}

const misbehave = (base: string, body: object) =>
  fetch(`${base}/misbehave`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('told to stop, it lets the request in hand finish and exits 0', async () => {
  const { child, ended, output, base } = await startToyProcess()
  const slow = misbehave(base, { by: 'dawdling', forMs: 400 })
  await new Promise((resolve) => setTimeout(resolve, 150))
  child.kill('SIGTERM')
  expect((await slow).status).toBe(200)
  expect(await ended).toEqual({ code: 0, signal: null })
  expect(output()).toContain('"event":"stop.ended","outcome":"in time"')
})

test('told to stop, it waits for no client that dawdles', async () => {
  const { child, ended, base } = await startToyProcess()
  const head = 'POST /misbehave HTTP/1.1\r\nhost: toy\r\ncontent-type: application/json\r\n'
  const dawdlers = [
    sendRaw(base, [head], { patienceMs: 20_000 }),
    sendRaw(base, [`${head}content-length: 9\r\n\r\n{`], { patienceMs: 20_000 }),
  ]
  const working = misbehave(base, { by: 'dawdling', forMs: 1_000 })
  await new Promise((resolve) => setTimeout(resolve, 150))
  const toldAt = performance.now()
  child.kill('SIGTERM')
  expect((await working).status).toBe(200)
  expect((await Promise.all(dawdlers)).map(({ status }) => status)).toEqual([408, 408])
  expect(await ended).toEqual({ code: 0, signal: null })
  expect(performance.now() - toldAt).toBeLessThan(10_000)
})

test('what does not finish within the time is left behind, and the exit says so', async () => {
  const { child, ended, output, base } = await startToyProcess({ STOP_TIMEOUT_MS: '300' })
  misbehave(base, { by: 'dawdling', forMs: 20_000 }).catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 150))
  const toldAt = performance.now()
  child.kill('SIGINT')
  expect(await ended).toEqual({ code: 1, signal: null })
  expect(performance.now() - toldAt).toBeLessThan(5_000)
  expect(output()).toContain('"outcome":"timed out"')
})

test('told twice, it ends at once', async () => {
  const { child, ended, base } = await startToyProcess()
  misbehave(base, { by: 'dawdling', forMs: 20_000 }).catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 150))
  child.kill('SIGTERM')
  await new Promise((resolve) => setTimeout(resolve, 150))
  const toldAt = performance.now()
  child.kill('SIGTERM')
  expect(await ended).toEqual({ code: 1, signal: null })
  expect(performance.now() - toldAt).toBeLessThan(2_000)
})

test.each([
  ['throwing', 'thrown where nobody catches'],
  ['rejecting', 'rejected where nobody looks'],
])('an error that nobody caught ends it, with a line that says what it was: %s', async (by, message) => {
  const { ended, output, base } = await startToyProcess()
  misbehave(base, { by }).catch(() => {})
  expect(await ended).toEqual({ code: 1, signal: null })
  const line = output()
    .split('\n')
    .find((one) => one.includes('process.failed'))
  expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'fatal', err: { message } })
})

test('a configuration that is not right ends it at once, with every complaint in one message and no value', async () => {
  const secret = 'canary-8a'
  const { ended, output } = start({ TOY_SECRET: secret, HTTP_PORT: secret, DATABASE_URL: secret, AMQP_URL: 'amqp://x' })
  expect(await ended).toEqual({ code: 2, signal: null })
  for (const name of ['TOY_SECRET', 'HTTP_PORT', 'DATABASE_URL', 'AUTH_ISSUER', 'AUTH_JWKS_URL']) {
    expect(output()).toContain(`  ${name}`)
  }
  expect(output()).not.toContain('AMQP_URL')
  expect(output()).not.toContain(secret)
  expect(output()).not.toMatch(/^\s+at /m)
})
