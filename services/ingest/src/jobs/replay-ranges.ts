import type { Job } from '@tributary/service-kit'
import { scanRange } from '../store/replayable-events.ts'
import { advanceReplay, findDueReplay, insertRepublications, type Replay, type ReplayRange } from '../store/replays.ts'

const STEP_MS = 1_000

/**
 * Publishes the events of ranges again, for each so many a second. A step commits its place together with what it
 * published: whoever dies in between has done nothing, and whoever comes second does nothing.
 */
export const replayRanges: Job = {
  name: 'replay-ranges',
  everyMs: STEP_MS,
  async run({ db, transaction, now, newId }) {
    const replay = await findDueReplay(db, now())
    if (!replay) return false
    const perStep = Math.max(1, Math.round((replay.eventsPerSecond! * STEP_MS) / 1_000))
    // Outside the transaction: reading may take long, and a long writer would hold back every relay.
    const { eventIds, leftOut, lastId, isLast } = await scanRange(db, rangeOf(replay), replay.lastEventId, perStep)
    const at = now()
    await transaction(async (tx) => {
      const nextStepAt = new Date(at.getTime() + Math.ceil((eventIds.length / perStep) * STEP_MS))
      const step = { replayed: eventIds.length, leftOut, lastEventId: lastId, isLast, now: at, nextStepAt }
      if (!(await advanceReplay(tx, replay, step))) return
      await insertRepublications(
        tx,
        replay,
        eventIds,
        eventIds.map(() => newId()),
      )
    })
    return true
  },
}

function rangeOf({ fromId, toId, type = null, source = null, status = null }: Replay): ReplayRange {
  return { fromId: fromId!, toId: toId!, type, source, status }
}
