import type { Job } from '@tributary/service-kit'
import { mergeEffects } from '../steps/effects.ts'
import { decideLate, loadLate } from '../steps/late.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { takeTurn } from '../store/cap-counters.ts'
import { lockReferees } from '../store/referees.ts'
import { listRegisteredWithWaiting } from '../store/waiting-events.ts'

const CUSTOMERS_MAX = 50
const EVENTS_MAX = 200

/**
 * Decides events that waited for a registration and were too many to be decided with it. Almost always there are none:
 * a registration takes a thousand with it.
 */
export const settleWaitingEvents: Job = {
  name: 'settle-waiting-events',
  everyMs: 30_000,
  async run({ transaction, now, newId }) {
    const context = { now: now(), newId }
    return transaction(async (tx, publish) => {
      const customers = await listRegisteredWithWaiting(tx, CUSTOMERS_MAX)
      if (customers.length === 0) return false
      await takeTurn(tx, null)
      // Locked first, as everywhere; what another process settled meanwhile is not found waiting any more.
      const referees = await lockReferees(tx, customers, context.now)
      const state = await loadLate(tx, referees, {
        max: EVENTS_MAX,
        own: [],
        since: context.now,
        peopleOf(externalUserId) {
          const referral = referees.get(externalUserId)?.referral ?? null
          return referral === null ? [] : [{ ...referral, referralId: referral.id }]
        },
      })
      const effects = mergeEffects(customers.map((customer) => decideLate(state, customer, null, context)))
      await saveEffects(tx, publish, effects, context.now)
      return effects.decisions.length > 0
    })
  },
}
