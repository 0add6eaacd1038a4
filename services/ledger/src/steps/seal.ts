import type { Logger } from '@tributary/observability'
import { anchorCheckpoints } from './anchor.ts'
import { type Signing, signNextCheckpoint } from './sign-checkpoint.ts'

export type Sealing = Signing & Readonly<{ log: Logger; anchorFile: string | undefined }>

/**
 * One bounded step: brings the anchor up to date, signs the next checkpoint, and anchors it. Answers whether more is left. No
 * transaction is open while the file is written; a crash before that is made up for by the next step.
 */
export async function sealNext(sealing: Sealing): Promise<boolean> {
  if (await anchor(sealing)) return true
  const signed = await signNextCheckpoint(sealing)
  if (signed?.row) {
    const { sequence, lastBatch, chainHash, hash: checkpointHash, keyId, signedAt } = signed.row
    // All that an anchor needs, for whoever collects logs.
    const fields = { sequence, lastBatch, chainHash, checkpointHash, keyId, signedAt }
    sealing.log.info({ event: 'checkpoint.signed', ...fields }, 'checkpoint.signed')
    await anchor(sealing)
  }
  return signed?.more ?? false
}

async function anchor({ db, anchorFile }: Sealing): Promise<boolean> {
  return anchorFile !== undefined && (await anchorCheckpoints(db, anchorFile)).length > 0
}
