import type { Context } from '@tributary/messaging'
import { causeOfWebhook } from '../domain/cause.ts'
import { decideOccasion, waitsForConversion } from '../domain/occasion.ts'
import type { Referee } from '../domain/referral.ts'
import type { Verdict } from '../domain/verdict.ts'
import { visibleData } from '../domain/visible-data.ts'
import type { RulesByType } from '../store/rules.ts'
import type { Counting } from './counting.ts'
import { type Effects, noEffects } from './effects.ts'
import { rewardsOf } from './grant.ts'
import { decisionOn, type RefereeSenderEvent, waitingOf } from './sender-event.ts'

export type CustomState = Readonly<{ referees: Map<string, Referee>; rules: RulesByType; counting: Counting }>

/** The name by which the sender and the rules know a type: `course.completed` travels as `custom.course.completed`. */
export const ruleTypeOf = (type: string): string => type.replace(/^custom\./, '')

/** Decides an event of the app's own making. `payload` is kept where it has to wait for its customer's registration. */
export function decideCustom(
  state: CustomState,
  event: RefereeSenderEvent,
  data: { amount?: bigint | undefined; currency?: string | undefined },
  payload: unknown,
  { newId }: Context,
): Readonly<{ verdict: Verdict; effects: Effects }> {
  const { amount = null, currency = null } = data
  const referee = state.referees.get(event.externalUserId)!
  const type = ruleTypeOf(event.type)
  const asked = { type, timeMs: event.timeMs, amount, currency, invoice: null, data: visibleData(payload) }
  const decision = decideOccasion(referee, asked, state.rules.get(type) ?? [], state.counting)
  const { verdict } = decision
  if (decision.kind !== 'evaluated') {
    const until = waitsForConversion(decision) ? 'conversion' : 'registration'
    const waiting = decision.kind === 'waits' || until === 'conversion' ? [waitingOf(event, payload, until)] : []
    const decisions = [decisionOn(event, { id: newId(), verdict, rewardIds: [], trace: { rules: [] } })]
    return { verdict, effects: { ...noEffects, waiting, decisions } }
  }
  const { referral, occasion, evaluation } = decision
  state.counting.spend(evaluation.grants)
  const cause = causeOfWebhook(event.eventId)
  const rewards = rewardsOf(evaluation.grants, { event, cause, referral, newId })
  const trace = { referralId: referral.id, rules: evaluation.trace }
  const rewardIds = rewards.map((reward) => reward.id)
  const decisions = [decisionOn(event, { id: newId(), verdict, rewardIds, trace })]
  return { verdict, effects: { ...noEffects, occasions: [{ ...event, cause, occasion }], rewards, decisions } }
}
