import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning, signal } from '@tributary/servers'
import { afterAll, expect, it } from 'vitest'
import { supervise } from '../src/stack/child.ts'

const directory = mkdtempSync(join(tmpdir(), 'tributary-child-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const pace = { firstMs: 20, maxMs: 80, forgivenAfterMs: 60_000 }

function toy(name: string, script: string) {
  const words = ['-e', script]
  const log = join(directory, `${name}.log`)
  return { name, command: process.execPath, words, cwd: directory, env: { ONLY: 'this' }, log }
}

it('starts it again when it was killed, counts it, and says how it ended', async () => {
  const child = supervise(toy('steady', 'setInterval(() => {}, 1000)'), () => {}, pace)
  const first = child.report().process
  expect(first).toBeDefined()
  if (first === undefined) return
  signal(first, 'SIGKILL')
  await expect.poll(() => child.report()).toMatchObject({ restarts: 1, lastExit: { reason: 'killed by SIGKILL' } })
  await expect.poll(() => child.report().process?.pid).toBeDefined()
  const second = child.report().process
  expect(second).not.toEqual(first)
  await child.stop(1_000)
  expect(second !== undefined && isRunning(second)).toBe(false)
  expect(child.report().restarts).toBe(1)
})

it('starts it ever more slowly while it keeps ending', async () => {
  const waits: number[] = []
  const child = supervise(
    toy('broken', 'process.exit(3)'),
    ({ nextStartAt, lastExit }) => {
      if (nextStartAt !== undefined && lastExit !== undefined)
        waits.push(Date.parse(nextStartAt) - Date.parse(lastExit.at))
    },
    pace,
  )
  await expect.poll(() => child.report().restarts, { timeout: 5_000 }).toBeGreaterThanOrEqual(4)
  await child.stop(1_000)
  expect(child.report().lastExit?.reason).toBe('exit 3')
  // Two clock readings a moment apart may differ by a millisecond.
  for (const [at, expected] of [20, 40, 80, 80].entries())
    expect(Math.abs((waits[at] ?? 0) - expected)).toBeLessThan(15)
})

it('gives it its own environment and nothing of ours', async () => {
  const child = supervise(
    toy('environment', 'console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)'),
    () => {},
    pace,
  )
  const log = join(directory, 'environment.log')
  await expect.poll(() => readFileSync(log, 'utf8')).toContain('\n')
  await child.stop(1_000)
  expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({ ONLY: 'this' })
})
