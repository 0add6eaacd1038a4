import { setTimeout as sleep } from 'node:timers/promises'
import { call, type LocalStack } from './client.ts'

/** What each service did because of one sender's event. */
export interface Effect {
  readonly service: string
  readonly kind: string
  readonly id: string
  readonly outcome: string
  readonly reason?: string
  readonly at: string
}

export interface EventView {
  readonly eventId: string
  readonly status: string
  readonly receivedAt: string
  readonly effects: readonly Effect[]
}

export interface Followed {
  readonly event: EventView
  /** False: it did not come to its end within the time. */
  readonly settled: boolean
}

/**
 * Prints every hop of an event as it happens: the decision, each transfer in the ledger. Ends when the event has ended and, if
 * something was earned, when the ledger has posted it.
 */
export async function followEvent(
  stack: LocalStack,
  token: string,
  eventId: string,
  print: (line: string) => void,
  enough: (event: EventView) => boolean = isPosted,
  timeoutMs = 30_000,
): Promise<Followed> {
  const deadline = Date.now() + timeoutMs
  let printed = 0
  for (;;) {
    const event = await call<EventView>(token, 'GET', `${stack.url('ingest')}/api/v1/webhooks/events/${eventId}`)
    for (const effect of event.effects.slice(printed)) print(describeEffect(event.receivedAt, effect))
    printed = event.effects.length
    if (enough(event)) return { event, settled: true }
    if (Date.now() > deadline) return { event, settled: false }
    await sleep(50)
  }
}

/** It has ended, and what it earned or took back is in the ledger. */
export function isPosted(event: EventView): boolean {
  if (event.status === 'received') return false
  return transfers(event).length >= rewards(event).length
}

/** Why it came to no good end and waits for somebody, with what they can do; null where it ended well. */
export function stuckBecause({ status }: Pick<EventView, 'status'>): string | null {
  if (status === 'parked') return 'a message could not be handled: ./tributary dead-letters list'
  if (status === 'deferred')
    return 'the plan allows no more this month; it goes on when the month turns or the plan rises'
  return null
}

/** Everything it earned is its owner's to spend: screened, due and released. */
export function isReleased(event: EventView): boolean {
  const released = transfers(event).filter((each) => each.kind === 'transfer.release')
  return isPosted(event) && released.length >= rewards(event).length
}

/** What it granted or changed; each of these the ledger answers. */
function rewards(event: EventView): Effect[] {
  const outcomes = ['earned', 'reversed', 'changed']
  return event.effects.filter((each) => each.kind === 'reward' && outcomes.includes(each.outcome))
}

function transfers(event: EventView): Effect[] {
  return event.effects.filter((each) => each.service === 'ledger' && each.outcome === 'posted')
}

function describeEffect(receivedAt: string, effect: Effect): string {
  const after = Math.max(0, Date.parse(effect.at) - Date.parse(receivedAt))
  const reason = effect.reason === undefined ? '' : ` (${effect.reason})`
  return `+${String(after).padStart(5)} ms  ${effect.service.padEnd(8)} ${effect.kind.padEnd(24)} ${effect.outcome}${reason}  ${effect.id}`
}
