import type { Envelope } from '@tributary/contracts'
import { type Because, done, ignored, type Outcome } from '@tributary/messaging'
import type { Verdict } from '../domain/verdict.ts'
import type { NewDecision } from '../store/decisions.ts'
import type { WaitingEvent } from '../store/waiting-events.ts'

/** A sender's event as the steps pass it on, whether it has just arrived or waited for its customer. */
export type SenderEvent = Readonly<{
  eventId: string
  type: string
  timeMs: number
  /** Whom it is about; null where that is not known. */
  externalUserId: string | null
  because: Because
  /** Which answer to this event the next decision is. */
  revision: number
}>

/** One that names its customer. */
export type RefereeSenderEvent = SenderEvent & Readonly<{ externalUserId: string }>

/** An event that has just arrived: its first answer follows. */
export function arrivedEvent<Name extends string | null>(
  envelope: Envelope,
  externalUserId: Name,
): SenderEvent & Readonly<{ externalUserId: Name }> {
  return {
    eventId: envelope.subject,
    type: envelope.type,
    timeMs: Date.parse(envelope.time),
    externalUserId,
    because: envelope,
    revision: 1,
  }
}

/** The row that says how an event ended, and what it published goes back to. */
export function decisionOn(
  event: SenderEvent,
  decision: { id: string; verdict: Verdict; rewardIds: readonly string[]; trace: unknown },
): NewDecision & { because: Because } {
  const { eventId, type, timeMs, externalUserId, because, revision } = event
  return { ...decision, eventId, revision, type, externalUserId, happenedAt: new Date(timeMs), because }
}

/** What the messaging library is told. */
export const outcomeOf = (verdict: Verdict): Outcome =>
  verdict.outcome === 'processed' ? done() : ignored(verdict.reason)

/** An event published again after it was decided: its effects are committed, and ingest has its answer. */
export const alreadyDecided: Outcome = ignored('already_decided')

/** When the first of these events happened: older versions of rules need not be read. */
export function earliest(events: readonly Envelope[]): Date {
  return new Date(Math.min(...events.map((event) => Date.parse(event.time))))
}

/** The row under which an event waits. */
export function waitingOf(
  event: RefereeSenderEvent,
  payload: unknown,
  until: WaitingEvent['until'] = 'registration',
): WaitingEvent {
  const { eventId, type, externalUserId, revision } = event
  const { correlationId, traceparent = null } = event.because
  return {
    eventId,
    externalUserId,
    type,
    payload,
    happenedAt: new Date(event.timeMs),
    correlationId,
    traceparent,
    revision,
    until,
  }
}
