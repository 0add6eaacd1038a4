import { openInspector } from '../inspector.ts'
import { memoryMiB } from '../meter.ts'

/** Enough that a median of a third of them says something. */
export const SAMPLES = 30

/** In MiB, after so many events. `objects` and `buffers` are what is kept once garbage is collected. */
export type Sample = Readonly<{
  events: number
  atMs: number
  rss: number
  pss: number
  objects: number
  buffers: number
}>

/** Takes a sample of one process each time it is called. */
export type Probe = Readonly<{ sample(events: number): Promise<void>; samples: readonly Sample[]; close(): void }>

export async function openProbe(pid: number, inspectorPort: number): Promise<Probe> {
  const inspector = await openInspector(inspectorPort)
  const samples: Sample[] = []
  return {
    samples,
    async sample(events) {
      const atMs = performance.now()
      // Before the collection: what the machine has to give while it runs.
      const { pss, rss } = memoryMiB([{ name: 'process', pid }]).get('process')!
      samples.push({ events, atMs, rss, pss, ...(await inspector.keptHeap()) })
    },
    close: () => inspector.close(),
  }
}

/** Median of the last third, of that of the second third. */
export function growth(values: readonly number[]): number {
  const third = Math.floor(values.length / 3)
  return median(values.slice(values.length - third)) / median(values.slice(third, values.length - third))
}

/** Per 100,000 events, over the second half. */
export function slope(samples: readonly Pick<Sample, 'events'>[], values: readonly number[]): number {
  const from = Math.floor(values.length / 2)
  const xs = samples.slice(from).map(({ events }) => events / 100_000)
  const ys = values.slice(from)
  const [x, y] = [mean(xs), mean(ys)]
  const covariance = xs.reduce((sum, each, index) => sum + (each - x) * (ys[index]! - y), 0)
  return covariance / xs.reduce((sum, each) => sum + (each - x) ** 2, 0)
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
