import type { Figure, ScenarioOptions, ScenarioResult, Table } from '../result.ts'
import { soakIngest } from './soak-ingest.ts'
import { growth, SAMPLES, type Sample, slope } from './soak-probe.ts'
import { soakRewards } from './soak-rewards.ts'

const EVENTS = 1_000_000
/** Whether the two services that every event goes through first keep their memory flat, each by itself at its full speed. */
export async function soakScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const events = options.events ?? (options.quick ? 6_000 : EVENTS)
  const ingest = await soakIngest(options, events)
  const rewards = await soakRewards(options, events)
  const sides = { ingest, rewards }
  return {
    scenario: 'soak',
    figures: Object.entries(sides).flatMap(([name, samples]) => figuresOf(name, samples)),
    tables: Object.fromEntries(
      Object.entries(sides).map(([name, samples]) => [`${name}, by tenths; memory in MiB`, tableOf(samples)]),
    ),
    notes: [
      `${events.toLocaleString('en-US')} requests to ingest, as many payments to rewards; ${SAMPLES} samples of each, every third one shown`,
      'kept: JavaScript objects and buffers after a full collection of garbage, asked for at each sample; growing by: median of the ' +
        'last third of the samples, of that of the second third; slope: least squares over the second half',
      'ingest runs without a broker, as in intake; rewards alone works off what ingest put into its queue before, by the rules ' +
        'of the pipeline; the load waits while a sample is taken of ingest, not of rewards',
      'PSS and RSS include the code and whatever the allocator holds back; they may still rise while the kept heap is flat; PSS ' +
        'rises, too, when another process of Node ends, with which pages were shared, so RSS is what is judged',
    ],
  }
}

function figuresOf(service: string, samples: readonly Sample[]): Figure[] {
  const kept = samples.map(({ objects, buffers }) => objects + buffers)
  const rss = samples.map((sample) => sample.rss)
  const last = samples.at(-1)!
  const seconds = (last.atMs - samples[0]!.atMs) / 1000
  return [
    { name: `${service}: events`, value: last.events, unit: '' },
    { name: `${service}: rate, samples included`, value: (last.events - samples[0]!.events) / seconds, unit: '/s' },
    { name: `${service}: kept, growing by`, value: growth(kept), unit: '', threshold: { atMost: 1.1 } },
    { name: `${service}: RSS, growing by`, value: growth(rss), unit: '', threshold: { atMost: 1.1 } },
    { name: `${service}: kept, slope`, value: slope(samples, kept), unit: 'MiB per 100,000' },
    { name: `${service}: RSS, slope`, value: slope(samples, rss), unit: 'MiB per 100,000' },
    { name: `${service}: PSS at the end`, value: last.pss, unit: 'MiB' },
  ]
}

function tableOf(samples: readonly Sample[]): Table {
  const shown = samples.filter((_, index) => (index + 1) % (SAMPLES / 10) === 0)
  return {
    columns: ['events', 'PSS', 'RSS', 'kept objects', 'kept buffers'],
    rows: shown.map(({ events, pss, rss, objects, buffers }) => [events, pss, rss, objects, buffers]),
  }
}
