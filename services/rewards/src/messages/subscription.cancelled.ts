import { subscriptionCancelled } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { decideCancellation, type Subscription } from '../domain/cancellation.ts'
import { type Effects, mergeEffects, noEffects } from '../steps/effects.ts'
import { lockCustomers } from '../steps/lock-customers.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, decisionOn, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'
import { lockSubscriptions, subscriptionKey } from '../store/subscriptions.ts'

type State = Readonly<{ subscriptions: Map<string, Subscription>; decided: Set<string> }>

/**
 * A subscription ended: payments of it from then on earn nothing by recurring rules. What such a payment earned because
 * it overtook this event is taken back.
 */
export const onSubscriptionCancelled = consume(subscriptionCancelled, {
  async load(tx, events, context): Promise<State> {
    // A payment of the same customer waits for us, or we for it; whoever comes second sees the other.
    await lockCustomers(tx, events, context)
    const ids = new Map(events.map(({ data }) => [subscriptionKey(data), data]))
    const subscriptions = await lockSubscriptions(tx, [...ids.values()])
    const subjects = events.map((event) => event.subject)
    return { subscriptions, decided: await listDecided(tx, subjects) }
  },

  decide(state, event, { newId }) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const { externalUserId, subscriptionId } = event.data
    const arrived = arrivedEvent(event, externalUserId)
    const { eventId, type, timeMs, because } = arrived
    const key = subscriptionKey(event.data)
    const [{ verdict, reversals }, next] = decideCancellation(state.subscriptions.get(key)!, timeMs)
    state.subscriptions.set(key, next)
    const happenedAt = new Date(timeMs)
    const cause = { reason: 'subscription_cancelled', eventId, effectiveAt: happenedAt, because }
    const rewardIds = reversals.map(({ rewardId }) => rewardId)
    const payload = subscriptionCancelled.data.encode(event.data)
    const effects: Effects = {
      ...noEffects,
      facts: [{ eventId, type, about: subscriptionId, payload, happenedAt }],
      reversals: reversals.map((one) => ({ ...one, ...cause, transactionId: newId() })),
      decisions: [
        decisionOn(arrived, { id: newId(), verdict, rewardIds, trace: { about: subscriptionId, rules: [] } }),
      ],
    }
    return [{ outcome: outcomeOf(verdict), effects }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})
