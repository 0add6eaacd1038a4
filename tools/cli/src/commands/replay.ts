import { setTimeout as sleep } from 'node:timers/promises'
import { command, Failure, usageError, wholeNumber } from '../arguments.ts'
import { call, fetchToken, type LocalStack, requireStack } from '../stack/client.ts'
import { ESTIMATED_MAX, type Estimate, estimate, type Range } from '../stack/replay-estimate.ts'

const help = `
Usage: ./tributary replay --from TIME --to TIME [--type T] [--source S] [--status S] [--dry-run]

Publishes journaled webhooks again. What they did before they do not do twice: only events that nobody decided can still
do something. Ctrl-C leaves the replay running; POST /api/v1/webhooks/replays/ID/cancel ends it.

  --from TIME, --to TIME  received at --from or later and before --to, such as 2026-03-01T00:00:00Z or 2026-03-01
  --type T                only this type, such as subscription.paid
  --source S              only this source: default, or an adapter such as stripe
  --status S              only received, processed, ignored or parked
  --rate N                events a second (default 200)
  --reason TEXT           why; kept with the replay and told under each event
  --dry-run               say what they did and what the others would earn, and publish nothing
`

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  type: { type: 'string' },
  source: { type: 'string' },
  status: { type: 'string' },
  rate: { type: 'string', default: '200' },
  reason: { type: 'string', default: 'asked for with ./tributary replay' },
  'dry-run': { type: 'boolean', default: false },
} as const

export const replay = command({
  name: 'replay',
  summary: 'publish journaled webhooks again',
  help,
  options,
  async run({ from, to, type, source, status, rate, reason, 'dry-run': dryRun }) {
    const eventsPerSecond = wholeNumber('replay', 'rate', rate, 1, 5_000)
    const range = withoutUndefined({ from: instant('from', from), to: instant('to', to), type, source, status })
    if (range.from >= range.to) throw usageError('replay', '--to must be after --from')
    const stack = requireStack()
    return dryRun ? await showDelta(stack, range) : await follow(stack, { ...range, eventsPerSecond, reason })
  },
})

function instant(option: string, text: string | undefined): string {
  if (text === undefined) throw usageError('replay', `--${option} is missing`)
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? new Date(text) : new Date(Number.NaN)
  if (Number.isNaN(time.getTime())) {
    throw usageError('replay', `--${option} must be a day or a time such as 2026-03-01T00:00:00Z, not "${text}"`)
  }
  return time.toISOString()
}

function withoutUndefined({
  from,
  to,
  ...more
}: Record<keyof Range, string | undefined> & { from: string; to: string }): Range {
  return { from, to, ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) }
}

interface DryRun {
  readonly matched: number
  readonly counted: 'all' | 'first'
  readonly replayable: number
  readonly byStatus: Readonly<Record<string, number>>
  readonly undecided: number
  readonly done: readonly { service: string; kind: string; outcome: string; count: number }[]
}

async function showDelta(stack: LocalStack, range: Range): Promise<number> {
  const token = await fetchToken(stack, ['webhooks:read', 'webhooks:write', 'rules:read'])
  const url = `${stack.url('ingest')}/api/v1/webhooks/replays`
  const found = await call<DryRun>(token, 'POST', url, { ...range, dryRun: true })
  const parts = Object.entries(found.byStatus).map(([status, count]) => `${count} ${status}`)
  console.log(`${found.matched} events${found.counted === 'first' ? ' and more' : ''}: ${parts.join(', ') || 'none'}`)
  const leftOut = found.matched - found.replayable
  if (leftOut > 0) console.log(`${leftOut} of them were never published or have no content any more: left out`)
  if (found.done.length > 0) console.log('\nDone already, and not again:')
  for (const { service, kind, outcome, count } of found.done) {
    console.log(`  ${String(count).padStart(7)}  ${service} ${kind} ${outcome}`)
  }
  console.log(`\n${found.undecided} events have no decision yet: only these can change anything.`)
  if (found.undecided > 0) printEstimate(await estimate(stack, token, range), found.undecided)
  else console.log('Money delta: 0')
  return 0
}

function printEstimate({ asked, earning, sums, notEstimated }: Estimate, undecided: number): void {
  const total = [...sums].map(([currency, amount]) => `${amount} ${currency}`).join(', ')
  console.log(`Money delta, estimated: ${total === '' ? 0 : `+${total} (minor units)`} from ${earning} events`)
  if (notEstimated > 0)
    console.log(`  ${notEstimated} are not estimated: they take money back, or are in a form of their own`)
  if (undecided > asked) console.log(`  the first ${ESTIMATED_MAX} of ${undecided} were asked about`)
  if (asked > 1) console.log('  each as if it came alone: caps and tiers count none of the others')
}

interface Replay {
  readonly id: string
  readonly state: 'running' | 'done' | 'cancelled'
  readonly replayed: number
  readonly leftOut: number
}

async function follow(stack: LocalStack, asked: Range & { eventsPerSecond: number; reason: string }): Promise<number> {
  const token = await fetchToken(stack, ['webhooks:read', 'webhooks:write'])
  const url = `${stack.url('ingest')}/api/v1/webhooks/replays`
  let replay = await call<Replay>(token, 'POST', url, asked)
  console.log(`replay ${replay.id}`)
  for (let before = -1; replay.state === 'running'; before = replay.replayed) {
    if (replay.replayed !== before) console.log(`  ${replay.replayed} published`)
    await sleep(1_000)
    replay = await call<Replay>(await fetchToken(stack, ['webhooks:read']), 'GET', `${url}/${replay.id}`)
  }
  console.log(`${replay.state}: ${replay.replayed} published, ${replay.leftOut} left out`)
  if (replay.state === 'cancelled') throw new Failure('the replay was cancelled')
  return 0
}
