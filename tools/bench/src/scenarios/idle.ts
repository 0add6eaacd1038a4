import { setTimeout as sleep } from 'node:timers/promises'
import { serviceNames } from '@tributary/contracts'
import { cpuMs, memoryMiB } from '../meter.ts'
import type { Figure, ScenarioOptions, ScenarioResult } from '../result.ts'
import { startServers, withServices } from '../stack.ts'

// What starts up (caches, connections, the first scrape of partitions) is not idling.
const SETTLE_MS = 15_000

/** CPU and memory of the whole stack while nothing is asked of it. */
export async function idleScenario({ directory, quick, say }: ScenarioOptions): Promise<ScenarioResult> {
  const servers = await startServers(directory, say)
  try {
    return await withServices(servers, directory, {}, async (services) => {
      say('all services are ready; letting them settle')
      await sleep(quick ? 2_000 : SETTLE_MS)
      const watchMs = quick ? 3_000 : 30_000
      const all = [...services.processes, ...servers.processes]
      const before = cpuMs(all)
      await sleep(watchMs)
      const after = cpuMs(all)
      const memory = memoryMiB(all)
      const share = (name: string) => ((after.get(name)! - before.get(name)!) / watchMs) * 100
      return {
        scenario: 'idle',
        figures: [
          {
            name: 'whole stack',
            value: all.reduce((sum, { name }) => sum + share(name), 0),
            unit: '% of one core',
            threshold: { atMost: 5 },
          },
          ...all.map(({ name }): Figure => ({ name: `${name} CPU`, value: share(name), unit: '% of one core' })),
          ...serviceNames.map(
            (name): Figure => ({
              name: `${name} resident`,
              value: memory.get(name)!.rss,
              unit: 'MiB',
              threshold: { atMost: 150 },
            }),
          ),
          ...all.map(({ name }): Figure => ({ name: `${name} PSS`, value: memory.get(name)!.pss, unit: 'MiB' })),
        ],
        notes: [
          `measured over ${watchMs / 1000} s after ${(quick ? 2_000 : SETTLE_MS) / 1000} s of settling; ` +
            'CPU time of a process counts in ticks of 10 ms',
          'PSS divides shared pages among those who share them; resident counts them in full',
        ],
      }
    })
  } finally {
    await servers.stop()
  }
}
