import { customEvent } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { loadCounting } from '../steps/counting.ts'
import { decideCustom, ruleTypeOf } from '../steps/custom.ts'
import { mergeEffects, noEffects } from '../steps/effects.ts'
import { lockCustomers } from '../steps/lock-customers.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, earliest, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'
import { listRulesFor } from '../store/rules.ts'

/** Something happened that only the app knows the meaning of; rules for its type may reward it. */
export const onCustomEvent = consume(customEvent, {
  async load(tx, events, context) {
    const referees = await lockCustomers(tx, events, context)
    const types = events.map((event) => ruleTypeOf(event.type))
    const rules = await listRulesFor(tx, types, earliest(events))
    const asked = events.flatMap(({ type, time, data }) => {
      const referral = referees.get(data.externalUserId)?.referral ?? null
      const common = { type: ruleTypeOf(type), timeMs: Date.parse(time), payment: null }
      return referral === null ? [] : [{ ...referral, ...common, referralId: referral.id }]
    })
    return {
      referees,
      rules,
      counting: await loadCounting(tx, rules, asked),
      decided: await listDecided(
        tx,
        events.map((event) => event.subject),
      ),
    }
  },

  decide(state, event, context) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const arrived = arrivedEvent(event, event.data.externalUserId)
    const payload = customEvent.data.encode(event.data)
    const { verdict, effects } = decideCustom(state, arrived, event.data, payload, context)
    return [{ outcome: outcomeOf(verdict), effects }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})
