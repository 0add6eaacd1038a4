import type { Job } from '@tributary/service-kit'
import type { SigningKeys } from '../proof/keys.ts'
import { sealNext } from '../steps/seal.ts'

const MINUTE_MS = 60_000

/** Signs what was posted since the last checkpoint, and appends it to the anchor where there is one. Nothing new, nothing signed. */
export function signCheckpointEachMinute(keys: SigningKeys, anchorFile: string | undefined): Job {
  return {
    name: 'sign-checkpoint',
    everyMs: MINUTE_MS,
    run: ({ db, now, log }) => sealNext({ db, now, log, keys, anchorFile }),
  }
}
