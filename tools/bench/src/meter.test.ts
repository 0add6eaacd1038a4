import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { cpuMs, cpuMsOfSingleThreads, memoryMiB } from './meter.ts'

const work = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'

test.runIf(process.platform === 'linux').each([
  ['a child that has ended', `sh -c '${work}'; echo ready; sleep 60`],
  ['a child that lives on', `sh -c '${work}; echo ready; exec sleep 60' & wait`],
])('CPU and memory of a process include %s', async (_, script) => {
  const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  try {
    await once(shell.stdout, 'data')
    const processes = [{ name: 'shell', pid: shell.pid! }]
    const { pss, rss } = memoryMiB(processes).get('shell')!
    // The work takes 100 ms and more; the shell above it takes next to nothing.
    const ms = cpuMs(processes).get('shell')!
    expect(ms).toBeGreaterThanOrEqual(50)
    // Ticks are cut off, for each process.
    expect(Math.abs(cpuMsOfSingleThreads(processes[0]!) - ms)).toBeLessThanOrEqual(30)
    expect(pss).toBeGreaterThan(0)
    expect(rss).toBeGreaterThan(pss)
  } finally {
    process.kill(-shell.pid!, 'SIGKILL')
  }
})

test('a process that is gone counts nothing', () => {
  expect(cpuMs([{ name: 'gone', pid: 2 ** 22 + 1 }]).get('gone')).toBe(0)
})
