import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { identify, isRunning, signal, stopProcess } from './process.ts'

it('never signals a process that merely has the same pid', async () => {
  const child = spawn('sleep', ['30'], { stdio: 'ignore' })
  const identity = identify(child.pid as number)
  expect(identity).toBeDefined()
  if (identity === undefined) return
  const other = { ...identity, startTime: 'another boot/1' }
  expect(isRunning(identity)).toBe(true)
  expect(isRunning(other)).toBe(false)
  expect(signal(other, 'SIGKILL')).toBe(false)
  expect(await stopProcess(other)).toBe('gone')
  expect(isRunning(identity)).toBe(true)
  const gone = once(child, 'exit')
  expect(await stopProcess(identity)).toBe('stopped')
  await gone
  expect(isRunning(identity)).toBe(false)
})
