import { transferRefused } from '@tributary/contracts'
import { consume, done, ignored, type Outcome } from '@tributary/messaging'
import { lockAnchors } from '../steps/lock-anchors.ts'
import { returnCapacity } from '../steps/return-capacity.ts'
import { insertRefusals, lockRefusable, type RefusableMovement, type Refusal } from '../store/refusals.ts'

type Decision = Readonly<{ outcome: Outcome; refusal: Refusal | null }>

/**
 * The ledger refused a movement for good. That of a reward is kept and shown with it, and counted in a metric that should
 * stay at zero; a reward whose earning was refused holds no money, so nothing of it is moved any more, and what
 * it had used of its rule's caps is there for later events.
 */
export const onTransferRefused = consume(transferRefused, {
  async load(tx, events, context) {
    await lockAnchors(tx, context)
    const ids = events.map((event) => event.data.causeId)
    return lockRefusable(tx, ids)
  },

  decide(state: Map<string, RefusableMovement>, event): readonly [Decision, Map<string, RefusableMovement>] {
    const { causeId: transactionId, reason } = event.data
    const movement = state.get(transactionId)
    // A cashout's, for example.
    if (movement === undefined) return [{ outcome: ignored('not_about_a_reward'), refusal: null }, state]
    if (movement.isKnown) return [{ outcome: ignored('refusal_already_known'), refusal: null }, state]
    state.set(transactionId, { ...movement, isKnown: true })
    const { rewardId, kind } = movement
    return [
      { outcome: done(), refusal: { transactionId, rewardId, kind, reason, refusedAt: new Date(event.time) } },
      state,
    ]
  },

  async save(tx, decided, _publish, { now }) {
    const refusals = decided.flatMap(({ decision }) => decision.refusal ?? [])
    if (refusals.length === 0) return
    const refusedAt = new Map(refusals.map((one) => [one.rewardId, one.refusedAt]))
    const refused = await insertRefusals(tx, refusals, now)
    const returns = refused.filter(({ left }) => left > 0n)
    await returnCapacity(
      tx,
      returns.map((one) => ({ ...one, amount: one.left, effectiveAt: refusedAt.get(one.rewardId)! })),
      now,
    )
  },
})
