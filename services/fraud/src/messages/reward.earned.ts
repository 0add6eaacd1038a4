import { rewardEarned, screeningPassed } from '@tributary/contracts'
import { type Consumer, consume, done, ignored } from '@tributary/messaging'
import { screenReward } from '../domain/screening.ts'
import type { ScreeningCounter } from '../metrics.ts'
import { findScreened, insertScreenings } from '../store/screenings.ts'

/** Somebody earned a reward. It is screened once, however often we hear of it; its release waits for the answer. */
export function onRewardEarned(counter: ScreeningCounter): Consumer {
  return consume(rewardEarned, {
    load: (tx, events) =>
      findScreened(
        tx,
        'reward',
        events.map((event) => event.data.rewardId),
      ),

    decide(screened, event) {
      const [verdict, next] = screenReward(screened, event.data)
      const outcome = verdict.kind === 'screened' ? done() : ignored(verdict.kind)
      return [{ outcome, verdict }, next]
    },

    async save(tx, decided, publish, { now, newId }) {
      const screenings = decided.flatMap(({ event, decision: { verdict } }) => {
        if (verdict.kind !== 'screened') return []
        const { rewardId } = event.data
        const { decision } = verdict
        return [{ id: newId(), subject: 'reward', subjectId: rewardId, revision: 1, decision, event } as const]
      })
      const inserted = await insertScreenings(tx, screenings, now)
      for (const { id, subject, subjectId, revision, decision, event } of screenings) {
        // Another process was screening the same reward at the same time: its answer counts.
        if (!inserted.has(id)) continue
        publish(screeningPassed, { data: { screeningId: id, subject, subjectId, revision }, because: event })
        counter.count(decision)
      }
    },
  })
}
