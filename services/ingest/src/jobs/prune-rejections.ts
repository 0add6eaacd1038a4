import type { Job } from '@tributary/service-kit'
import { deleteOldRejections } from '../store/rejections.ts'

const HOUR_MS = 3_600_000
const STEP_ROWS = 5_000

/** Keeps the rejections to their age and number. */
export const pruneRejections: Job = {
  name: 'prune-rejections',
  everyMs: HOUR_MS,
  async run({ db, now }) {
    return (await deleteOldRejections(db, now(), STEP_ROWS)) === STEP_ROWS
  },
}
