import type { Envelope } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Context, Outcome, Publish } from '@tributary/messaging'
import { ignoredFor } from '../domain/verdict.ts'
import { listDecided } from '../store/decisions.ts'
import { type Effects, mergeEffects, noEffects } from './effects.ts'
import { saveEffects } from './save-effects.ts'
import { alreadyDecided, arrivedEvent, decisionOn, outcomeOf } from './sender-event.ts'

type Decision = Readonly<{ outcome: Outcome; effects: Effects }>
type Remembered = Readonly<{ about: string; externalUserId: string | null; payload: unknown }>

/** The three steps for events that are remembered but move no money: ignored, for this reason. */
export function factSteps<Data>(reason: string, remember: (event: Envelope<Data>) => Remembered) {
  return {
    // No anchor: two connections with the same event meet on the decision's key, and one of them starts over.
    load: (tx: Transaction, events: readonly Envelope<Data>[]): Promise<Set<string>> =>
      listDecided(
        tx,
        events.map((event) => event.subject),
      ),

    decide(decided: Set<string>, event: Envelope<Data>, { newId }: Context): readonly [Decision, Set<string>] {
      if (decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, decided]
      decided.add(event.subject)
      const { about, externalUserId, payload } = remember(event)
      const arrived = arrivedEvent(event, externalUserId)
      const verdict = ignoredFor(reason)
      const { eventId, type } = arrived
      const effects: Effects = {
        ...noEffects,
        facts: [{ eventId, type, about, payload, happenedAt: new Date(arrived.timeMs) }],
        decisions: [decisionOn(arrived, { id: newId(), verdict, rewardIds: [], trace: { about, rules: [] } })],
      }
      return [{ outcome: outcomeOf(verdict), effects }, decided]
    },

    async save(tx: Transaction, decided: readonly { decision: Decision }[], publish: Publish, { now }: Context) {
      await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
    },
  }
}
