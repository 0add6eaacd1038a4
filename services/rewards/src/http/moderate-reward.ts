import { idField } from '@tributary/contracts'
import { type Answer, answer, Problem, type RequestContext } from '@tributary/service-kit'
import { z } from 'zod'
import { decideModeration, type Moderation } from '../domain/moderation.ts'
import { type Effects, noEffects } from '../steps/effects.ts'
import { holdsOf } from '../steps/hold.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { takeTurn } from '../store/cap-counters.ts'
import { findReward } from '../store/reward-lists.ts'
import { lockRewards } from '../store/rewards.ts'
import { doerOf } from './doer.ts'
import { wordsField } from './fields.ts'
import { rewardBody, toRewardBody } from './reward-body.ts'

/** What every command on a reward shares. */
export const moderation = {
  access: { scope: 'rewards:write' },
  params: z.object({ id: idField }),
  answers: { 200: rewardBody },
  problems: ['not_found', 'reward_state_conflict'],
} as const

/** Why somebody does it, in their words; kept with who did it. */
export const whyField = wordsField(500)

/** The reason that others hear; the words stay here. */
const reason = 'moderation'

/** Does what is asked of a reward, under its lock, and answers the reward as it is then. Throws the refusal as a Problem. */
export async function moderateReward(
  rewardId: string,
  asked: Moderation,
  note: string,
  { transaction, now, newId, principal }: RequestContext,
): Promise<Answer> {
  const at = now()
  return transaction(async (tx, publish) => {
    // What is taken back is given back to its rule's caps.
    if (asked.kind === 'reverse') await takeTurn(tx, null)
    const reward = (await lockRewards(tx, [rewardId])).get(rewardId)
    if (reward === undefined) throw new Problem('not_found', { detail: `there is no reward ${rewardId}` })
    const decision = decideModeration(reward, asked)
    if (decision.kind === 'refused') throw new Problem('reward_state_conflict', { detail: decision.why })
    const { eventId } = reward
    // Nothing but this request caused it; it goes back to the sender's event that earned the reward.
    const because = { correlationId: eventId, subject: eventId }
    const cause = { rewardId, reason, note, doneBy: doerOf(principal), eventId, effectiveAt: at, because }
    const effects: Effects =
      decision.kind === 'reversed'
        ? { ...noEffects, reversals: [{ ...cause, transactionId: newId(), amount: decision.amount }] }
        : { ...noEffects, holds: holdsOf(decision.change, cause, newId) }
    await saveEffects(tx, publish, effects, at)
    return answer(200, toRewardBody((await findReward(tx, rewardId))!, at))
  })
}
