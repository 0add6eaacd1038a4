import { randomBytes } from 'node:crypto'
import { type ServiceName, serviceNames } from '@tributary/contracts'
import type { LoadResult } from '../load.ts'
import { cpuMs, type Metered, memoryMiB } from '../meter.ts'
import type { Figure, ScenarioOptions, ScenarioResult } from '../result.ts'
import { type Servers, type Services, startServers, withServices } from '../stack.ts'
import { CONNECTIONS, count, friend, seedProgramme, send, until, webhook } from './programme.ts'
import { seedTwentyRules } from './twenty-rules.ts'

/** The seed's architecture in Rails and Sidekiq, tuned, on two such cores: 255 events a second. */
const SEED_EVENTS_PER_SECOND = 255
/** Every batch in the build that has a bound, at one. */
const oneAtATime = { CONSUME_BATCH_MAX: '1', RELAY_BATCH_MAX: '1', INTAKE_BATCH_MAX: '1' }

type Side = Readonly<{
  events: number
  load: LoadResult
  /** From just before the first byte was sent to the last ledger entry. */
  toLedgerMs: number
  /** By process, until nothing was under way any more. */
  cpuMsPerEvent: ReadonlyMap<string, number>
  memory: ReadonlyMap<string, { pss: number; rss: number }>
  /** Rows that tell why a payment was decided as it was. */
  traceRows: number
}>

/** Payments from the first byte sent to the last ledger entry, every service running, against one message at a time. */
export async function pipelineScenario({ directory, quick, say }: ScenarioOptions): Promise<ScenarioResult> {
  const sizes = quick
    ? { referrers: 20, singles: 50, events: 500 }
    : { referrers: 1_000, singles: 1_000, events: 20_000 }
  const servers = await startServers(directory, say)
  try {
    // Seeded with batches, since that is not measured. The slow side goes first: if it matters that tables have grown, it
    // is to the other one's disadvantage.
    await withServices(servers, directory, {}, (services) => seedProgramme(servers, services, sizes.referrers, say))
    say(`one message at a time: ${sizes.singles} payments`)
    const single = await withServices(servers, directory, oneAtATime, (services) =>
      measure(servers, services, sizes.referrers, sizes.singles),
    )
    say(`as built: ${sizes.events} payments`)
    const built = await withServices(servers, directory, {}, (services) =>
      measure(servers, services, sizes.referrers, sizes.events),
    )
    // One of twenty gives, so that what is compared is deciding, not posting twenty rewards.
    await withServices(servers, directory, {}, seedTwentyRules)
    say(`with twenty rules: ${sizes.events} payments`)
    const twenty = await withServices(servers, directory, {}, (services) =>
      measure(servers, services, sizes.referrers, sizes.events),
    )
    return report(built, single, twenty, sizes.referrers)
  } finally {
    await servers.stop()
  }
}

async function measure(servers: Servers, services: Services, referrers: number, events: number): Promise<Side> {
  const run = randomBytes(4).toString('hex')
  const payments = Array.from({ length: events }, (_, index) =>
    webhook('subscription.paid', {
      externalUserId: friend(index % referrers),
      invoiceId: `invoice-${run}-${index}`,
      subscriptionId: `subscription-${index % referrers}`,
      amount: 1_000 + (index % 9_000),
      currency: 'USD',
    }),
  )
  const all: Metered[] = [...services.processes, ...servers.processes]
  const databases = new Map(serviceNames.map((name) => [name, servers.open(name)]))
  try {
    const earned = () => count(databases.get('ledger')!, `select count(*)::int as n from transfers where kind = 'earn'`)
    const handled = async () => {
      const counts = [...databases].map(
        async ([name, db]): Promise<[ServiceName, number]> => [name, await count(db, inbox)],
      )
      return new Map(await Promise.all(counts))
    }
    const traced = () => count(databases.get('rewards')!, 'select count(*)::int as n from decisions')
    const [earnedBefore, handledBefore, tracedBefore] = [await earned(), await handled(), await traced()]
    const cpuBefore = cpuMs(all)
    const startedAt = performance.now()
    const sending = send(services, payments)
    await until('every payment is in the ledger', 240_000, async () => (await earned()) >= earnedBefore + events)
    const toLedgerMs = performance.now() - startedAt
    await until('every message has been handled', 120_000, async () => {
      const now = await handled()
      return [...messagesPerPayment].every(([name, n]) => now.get(name)! >= handledBefore.get(name)! + n * events)
    })
    const cpuAfter = cpuMs(all)
    return {
      events,
      load: await sending,
      toLedgerMs,
      cpuMsPerEvent: new Map(all.map(({ name }) => [name, (cpuAfter.get(name)! - cpuBefore.get(name)!) / events])),
      memory: memoryMiB(all),
      traceRows: (await traced()) - tracedBefore,
    }
  } finally {
    await Promise.all([...databases.values()].map((db) => db.destroy()))
  }
}

/** What a payment makes each service hear; when all of it is handled, an event has cost what it costs. */
const messagesPerPayment = new Map<ServiceName, number>([
  ['rewards', 2], // subscription.paid, screening.passed
  ['fraud', 1], // reward.earned
  ['ledger', 1], // reward.earned
  ['ingest', 2], // decision.recorded, transfer.posted.earn
])
const inbox = 'select count(*)::int as n from inbox'

/** Of all processes together, and of the one that decides: what rules cost there must not hide behind the others. */
function timesOneRule(one: Side, twenty: Side): Figure[] {
  const rewards = (side: Side) => side.cpuMsPerEvent.get('rewards')!
  return [
    { name: 'twenty rules, times one rule', value: total(twenty) / total(one), unit: '', threshold: { atMost: 1.5 } },
    { name: 'the same, rewards alone', value: rewards(twenty) / rewards(one), unit: '', threshold: { atMost: 1.5 } },
    {
      name: 'rows of trace per event, twenty rules',
      value: twenty.traceRows / twenty.events,
      unit: '',
      threshold: { atMost: 1 },
    },
  ]
}

const total = (side: Side) => [...side.cpuMsPerEvent.values()].reduce((sum, ms) => sum + ms, 0)

function report(built: Side, single: Side, twenty: Side, referrers: number): ScenarioResult {
  const rate = (side: Side) => side.events / (side.toLedgerMs / 1000)
  return {
    scenario: 'pipeline',
    figures: [
      {
        name: 'webhooks to the ledger',
        value: rate(built),
        unit: '/s',
        threshold: { atLeast: 5 * SEED_EVENTS_PER_SECOND },
        aim: 10 * SEED_EVENTS_PER_SECOND,
      },
      { name: 'one message at a time', value: rate(single), unit: '/s' },
      { name: 'times one message at a time', value: rate(built) / rate(single), unit: '', threshold: { atLeast: 5 } },
      { name: 'ack p50', value: built.load.p50Ms, unit: 'ms' },
      { name: 'ack p99', value: built.load.p99Ms, unit: 'ms' },
      { name: 'CPU per event', value: total(built), unit: 'ms' },
      { name: 'CPU per event, one at a time', value: total(single), unit: 'ms' },
      { name: 'CPU per event, twenty rules', value: total(twenty), unit: 'ms' },
      ...timesOneRule(built, twenty),
      ...[...built.cpuMsPerEvent].map(
        ([name, value]): Figure => ({ name: `CPU per event, ${name}`, value, unit: 'ms' }),
      ),
      ...[...twenty.cpuMsPerEvent].map(
        ([name, value]): Figure => ({ name: `CPU per event, ${name}, twenty rules`, value, unit: 'ms' }),
      ),
      ...[...built.memory].map(
        ([name, { pss }]): Figure => ({ name: `memory of ${name}, PSS`, value: pss, unit: 'MiB' }),
      ),
    ],
    notes: [
      `${built.events} subscription.paid of ${referrers} referrers over ${CONNECTIONS} connections, against ${single.events} with ` +
        Object.entries(oneAtATime)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
      'twenty rules: five with a CEL condition and caps; one of them gives, the others are asked and do not',
      'the rate runs from the first byte sent to the last ledger entry, with signatures made before',
      'CPU is that of all processes, the six services, PostgreSQL and RabbitMQ, where no name stands beside it; it runs until every message of the event is handled, also those that only report back; the load generator, on the ' +
        'same cores, is not in it',
      `one at a time, CPU ms per event: ${[...single.cpuMsPerEvent].map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(', ')}`,
      `sending alone took ${(built.load.elapsedMs / 1000).toFixed(1)} s of ${(built.toLedgerMs / 1000).toFixed(1)} s`,
    ],
  }
}
