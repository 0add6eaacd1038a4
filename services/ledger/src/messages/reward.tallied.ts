import { rewardTallied } from '@tributary/contracts'
import { type Consumer, consume, done, ignored, type Outcome, rejected } from '@tributary/messaging'
import { findTallies, insertTallies, type Tally } from '../store/tallies.ts'

type Decision = Readonly<{ outcome: Outcome; tally: Tally | null }>

/**
 * Rewards says how many transactions a day had: kept, and compared by verifications with what was answered. A second tally
 * of a day is somebody's error and waits for a person; the first one stands.
 */
export const onRewardTallied: Consumer = consume(rewardTallied, {
  load: (tx, events) =>
    findTallies(
      tx,
      'rewards',
      events.map(({ data }) => data.day),
    ),

  decide(known: Map<string, string>, { data: { tallyId: id, day, lines } }): readonly [Decision, Map<string, string>] {
    const before = known.get(day)
    if (before === id) return [{ outcome: ignored('tally_known'), tally: null }, known]
    if (before !== undefined) return [{ outcome: rejected('day_tallied_twice'), tally: null }, known]
    known.set(day, id)
    return [{ outcome: done(), tally: { id, day, lines } }, known]
  },

  async save(tx, decided, _publish, { now }) {
    const tallies = decided.flatMap(({ decision: { tally } }) => (tally === null ? [] : [tally]))
    if (tallies.length > 0) await insertTallies(tx, 'rewards', tallies, now)
  },
})
