import type { Envelope, EventData, EventDefinition } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Outcome } from './outcome.ts'
import type { Publish } from './publish.ts'

/** Time and ids are handed in, so that decisions can be tested with values. */
export type Context = Readonly<{ now: Date; newId: () => string }>

/**
 * What loading gets: also every event that this transaction handles, of all types, in the order of handling. Whoever
 * locks anchors that several types meet on locks them for all of these at once: type by type they would not be sorted,
 * and two batches of mixed types would deadlock.
 */
export type LoadContext = Context & Readonly<{ all: readonly Envelope[] }>

export type Decided<E extends EventDefinition, Decision> = Readonly<{
  event: Envelope<EventData<E>>
  decision: Decision
}>

/** The three steps of a handler. They run once for a batch of 1 to `CONSUME_BATCH_MAX` events of one type. */
export type Steps<E extends EventDefinition, State, Decision extends { outcome: Outcome }> = Readonly<{
  /** Upserts and locks the anchors, sorted, in the service's fixed table order; then reads what deciding needs. */
  load(tx: Transaction, events: readonly Envelope<EventData<E>>[], context: LoadContext): Promise<State>
  /** A pure fold: the second event of a batch sees what the first one used up. Must not throw for what senders cause. */
  decide(state: State, event: Envelope<EventData<E>>, context: Context): readonly [Decision, State]
  /** Writes decisions that are done or ignored, set-based. `publish` writes the outbox in this transaction. */
  save(tx: Transaction, decided: readonly Decided<E, Decision>[], publish: Publish, context: Context): Promise<void>
}>

/** A handler with its types put away, as the library runs it. */
export type Consumer = Readonly<{
  event: EventDefinition
  /**
   * Runs the three steps in the given transaction; answers one outcome for each event, in order. `all` are the events of
   * every type that the transaction handles; these alone, where it is left out.
   */
  handle(
    tx: Transaction,
    events: readonly Envelope[],
    publish: Publish,
    context: Context,
    all?: readonly Envelope[],
  ): Promise<Outcome[]>
}>

/** Declares how a service handles one kind of event: load, decide, save. */
export function consume<E extends EventDefinition, State, Decision extends { outcome: Outcome }>(
  event: E,
  steps: Steps<E, State, Decision>,
): Consumer {
  return {
    event,
    async handle(tx, envelopes, publish, context, all = envelopes) {
      // The library parsed the payload with `event.data` before it calls, so the cast states what holds.
      const events = envelopes as readonly Envelope<EventData<E>>[]
      let state = (await steps.load(tx, events, { ...context, all })) as State
      const outcomes: Outcome[] = []
      const decided: Decided<E, Decision>[] = []
      for (const one of events) {
        const [decision, next] = steps.decide(state, one, context)
        outcomes.push(decision.outcome)
        if (decision.outcome.kind === 'done' || decision.outcome.kind === 'ignored') {
          state = next
          decided.push({ event: one, decision })
        }
      }
      if (decided.length > 0) await steps.save(tx, decided, publish, context)
      return outcomes
    },
  }
}
