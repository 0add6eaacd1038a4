import type { Job } from '@tributary/service-kit'
import { eraseWebhooks, findErasureToDo } from '../store/erasures.ts'

/** What was received before somebody was to be forgotten is committed by then. */
const SETTLING_MS = 60_000
/** 0.2 s on two busy cores, so 20 s for a million events; the law gives a month. */
const SCANNED_A_STEP = 10_000

/** Empties the webhooks of people who are to be forgotten, one person after the other, oldest day first. */
export const erasePeople: Job = {
  name: 'erase-people',
  everyMs: 30_000,
  async run({ db, now, log }) {
    const at = now()
    const userId = await findErasureToDo(db, new Date(at.getTime() - SETTLING_MS))
    if (userId === null) return false
    const state = await eraseWebhooks(db, userId, SCANNED_A_STEP, at)
    if (state === 'done') log.info({ event: 'person.erased', userId }, 'person.erased')
    return state !== 'waiting'
  },
}
