import type { Envelope, EventData, EventDefinition } from '@tributary/contracts'
import { type Consumer, consume, done, ignored } from '@tributary/messaging'
import type { Effect } from '../domain/effects.ts'
import { type Heard, whatCounts } from '../domain/event-status.ts'
import { findEventTypes, insertEffects, raiseStatuses } from '../store/effects.ts'

type Told<E extends EventDefinition> = Envelope<EventData<E>>

export type Hearing<E extends EventDefinition> = Readonly<{
  event: E
  /** Which of the sender's events it is about. */
  about(told: Told<E>): string
  /** What became of it; `type` is the sender's event's. */
  effects(told: Told<E>, eventId: string, type: string): readonly Effect[]
  /** What it says about the event's status, if anything. */
  status?(told: Told<E>): Pick<Heard, 'status' | 'revision'>
}>

/**
 * Keeps what another service did because of a sender's event. Nothing is published in answer. In whatever order things
 * are heard, and however often, the event ends with the same effects and the same status.
 */
export function hear<E extends EventDefinition>({ event, about, effects, status }: Hearing<E>): Consumer {
  return consume(event, {
    load: (tx, told) => findEventTypes(tx, told.map(about)),

    decide(types, told) {
      const eventId = about(told)
      const type = types.get(eventId)
      // A reward reversed by hand, say: its cause is no webhook.
      if (type === undefined) return [{ outcome: ignored('not_about_a_webhook'), effects: [], heard: null }, types]
      const heard = status ? { eventId, ...status(told) } : null
      return [{ outcome: done(), effects: effects(told, eventId, type), heard }, types]
    },

    async save(tx, decided) {
      const added = decided.flatMap(({ decision }) => decision.effects)
      const heard = decided.flatMap(({ decision }) => decision.heard ?? [])
      if (added.length > 0) await insertEffects(tx, added)
      if (heard.length > 0) await raiseStatuses(tx, whatCounts(heard))
    },
  })
}
