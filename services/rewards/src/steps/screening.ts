import { type Envelope, screeningFailed, screeningHeld, screeningPassed } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { type Context, done, ignored, type LoadContext, notYet, type Outcome, type Publish } from '@tributary/messaging'
import { decideScreening, type ScreeningState } from '../domain/screening.ts'
import { type LockedReward, lockRewards } from '../store/rewards.ts'
import { type Effects, mergeEffects, noEffects } from './effects.ts'
import { holdsOf } from './hold.ts'
import { lockAnchors } from './lock-anchors.ts'
import { saveEffects } from './save-effects.ts'

type Screening = Readonly<{ subject: string; subjectId: string; revision: number }>
type State = Map<string, LockedReward>
type Decision = Readonly<{ outcome: Outcome; effects: Effects }>

const answers = [screeningPassed.type, screeningHeld.type, screeningFailed.type] as const

function screenedBy({ type, data }: Envelope): readonly string[] {
  if (!answers.some((answer) => answer === type)) return []
  // Those types' schemas say what was screened.
  const { subject, subjectId } = data as Screening
  return subject === 'reward' ? [subjectId] : []
}

/** The three steps that all answers of a screening share; they differ in what they say of the reward. */
export function screeningSteps(screening: Exclude<ScreeningState, 'waiting'>) {
  return {
    // All that the batch screens, whatever the answers: type by type they would not be locked in one order.
    async load(tx: Transaction, _events: readonly Envelope<Screening>[], context: LoadContext): Promise<State> {
      await lockAnchors(tx, context)
      return lockRewards(tx, context.all.flatMap(screenedBy))
    },

    decide(state: State, event: Envelope<Screening>, { newId }: Context): readonly [Decision, State] {
      const { subject, subjectId: rewardId, revision } = event.data
      if (subject !== 'reward') return [{ outcome: ignored('not_about_a_reward'), effects: noEffects }, state]
      const reward = state.get(rewardId)
      if (reward === undefined) return [{ outcome: notYet('reward_unknown'), effects: noEffects }, state]
      const decision = decideScreening(reward, screening, revision)
      if (decision.kind === 'outdated') return [{ outcome: ignored('screening_outdated'), effects: noEffects }, state]

      const { eventId } = reward
      state.set(rewardId, { ...decision.next, eventId })
      const cause = { rewardId, eventId, effectiveAt: new Date(event.time), because: event }
      const reason = `screening_${screening}`
      const reversal = { ...cause, transactionId: newId(), amount: decision.reversed, reason: 'screening_failed' }
      const effects: Effects = {
        ...noEffects,
        screenings: [{ rewardId, screening, revision }],
        reversals: decision.reversed > 0n ? [reversal] : [],
        holds: holdsOf(decision.hold, { ...cause, reason }, newId),
      }
      return [{ outcome: done(), effects }, state]
    },

    async save(tx: Transaction, decided: readonly { decision: Decision }[], publish: Publish, { now }: Context) {
      await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
    },
  }
}
