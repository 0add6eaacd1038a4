import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { SigningKeys } from '../proof/keys.ts'
import { AnchorError } from '../steps/anchor.ts'
import { sealNext } from '../steps/seal.ts'
import { findLatestCheckpoint } from '../store/checkpoints.ts'
import { checkpointBody, toCheckpointBody } from './checkpoint-body.ts'

/** A tenth of a second each; what is left after them, the job signs. */
const STEPS_MAX = 50

/** For whoever cannot wait for the minute, such as an export that should be covered to its end. */
export const createCheckpoint = (keys: SigningKeys, anchorFile: string | undefined) =>
  route({
    method: 'POST',
    path: '/api/v1/checkpoints',
    summary: 'Signs what was posted since the last checkpoint now; answers the newest one, whether or not it is new.',
    access: { scope: 'ledger:verify' },
    body: z.object({}).optional(),
    answers: { 200: checkpointBody },
    problems: ['not_found', 'anchor_unusable'],

    async handle(_input, { db, now, log }) {
      try {
        for (let step = 0; step < STEPS_MAX; step++) if (!(await sealNext({ db, now, log, keys, anchorFile }))) break
      } catch (error) {
        if (!(error instanceof AnchorError)) throw error
        log.error({ event: 'anchor.unusable', err: error }, 'nothing is signed')
        throw new Problem('anchor_unusable', { detail: error.message })
      }
      const latest = await findLatestCheckpoint(db)
      if (latest === null) throw new Problem('not_found', { detail: 'nothing was ever posted' })
      return answer(200, toCheckpointBody(latest))
    },
  })
