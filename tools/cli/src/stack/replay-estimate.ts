import { call, type LocalStack } from './client.ts'

export interface Range {
  readonly from: string
  readonly to: string
  readonly type?: string
  readonly source?: string
  readonly status?: string
}

/** Money in minor units by currency. */
export type Sums = ReadonlyMap<string, bigint>

export interface Estimate {
  /** Events that were asked about, and those of them that would earn something. */
  readonly asked: number
  readonly earning: number
  readonly sums: Sums
  /** What takes money back, and what rewards could not say anything about. */
  readonly notEstimated: number
}

/** Each is one request to rewards; past this, the first so many stand for the whole. */
export const ESTIMATED_MAX = 500
const CONCURRENCY = 8

interface Listed {
  readonly items: readonly { eventId: string; type: string }[]
  readonly nextCursor: string | null
}

interface Event {
  readonly type: string
  readonly body: { timestamp?: string; data?: unknown } | null
  /** Where it was translated. */
  readonly data?: unknown
}

interface Simulated {
  readonly rewards: readonly { amount: { amount: number; currency: string } }[]
}

/** These take back or end; what they change depends on what was earned before. */
const takesBack = new Set(['payment.refunded', 'payment.disputed', 'subscription.cancelled'])

/** What rewards would give for the events of a range that nobody decided yet: each as if it came alone. */
export async function estimate(stack: LocalStack, token: string, range: Range): Promise<Estimate> {
  const undecided = ['received', 'parked'].filter((status) => range.status === undefined || range.status === status)
  const events: Listed['items'][number][] = []
  for (const status of undecided) await list(stack, token, { ...range, status }, events)
  const sums = new Map<string, bigint>()
  let earning = 0
  let notEstimated = 0
  let next = 0
  const worker = async () => {
    for (let event = events[next++]; event !== undefined; event = events[next++]) {
      const simulated = takesBack.has(event.type) ? null : await simulate(stack, token, event.eventId)
      if (simulated === null) notEstimated += 1
      else if (simulated.rewards.length > 0) earning += 1
      for (const { amount } of simulated?.rewards ?? []) {
        sums.set(amount.currency, (sums.get(amount.currency) ?? 0n) + BigInt(amount.amount))
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return { asked: events.length, earning, sums, notEstimated }
}

async function list(stack: LocalStack, token: string, range: Range, into: Listed['items'][number][]): Promise<void> {
  let cursor: string | null = null
  do {
    const given = Object.entries({ ...range, limit: '200', cursor }).filter(([, value]) => typeof value === 'string')
    const query = new URLSearchParams(given as [string, string][])
    const page: Listed = await call(token, 'GET', `${stack.url('ingest')}/api/v1/webhooks/events?${query.toString()}`)
    into.push(...page.items.slice(0, ESTIMATED_MAX - into.length))
    cursor = page.nextCursor
  } while (cursor !== null && into.length < ESTIMATED_MAX)
}

/** Null where rewards has nothing to say about it. */
async function simulate(stack: LocalStack, token: string, eventId: string): Promise<Simulated | null> {
  const {
    type,
    body,
    data = body?.data,
  }: Event = await call(token, 'GET', `${stack.url('ingest')}/api/v1/webhooks/events/${eventId}`)
  const event = { type, data, ...(typeof body?.timestamp === 'string' ? { timestamp: body.timestamp } : {}) }
  return await call<Simulated>(token, 'POST', `${stack.url('rewards')}/api/v1/reward-rules/simulate`, { event }).catch(
    () => null,
  )
}
