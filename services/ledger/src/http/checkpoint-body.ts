import { timeField } from '@tributary/contracts'
import { z } from 'zod'
import { checkpointText } from '../proof/checkpoint.ts'
import type { PublicKey } from '../proof/keys.ts'
import type { CheckpointRow } from '../proof/rows.ts'
import { countField } from './fields.ts'

const hashField = z.hex().length(64)

/** A checkpoint as callers see it. `text` is what was signed; the fields before it say the same. */
export const checkpointBody = z.object({
  sequence: z.int().min(1).meta({ description: 'Counts checkpoints, without gaps.' }),
  firstBatch: z.int().min(1),
  lastBatch: z.int().min(1),
  chainHash: hashField.meta({ description: 'The hash chain at the last batch.' }),
  lastTransfer: countField,
  transfers: countField.meta({ description: 'Leaves of the tree.' }),
  treeRoot: hashField,
  postedUpTo: timeField,
  signedAt: timeField,
  previous: hashField.meta({ description: 'The hash of the checkpoint before; zeros for the first.' }),
  keyId: z.hex().length(16),
  hash: hashField.meta({ description: 'SHA-256 of `text`.' }),
  signature: z.hex().length(128).meta({ description: 'Ed25519 over `text`.' }),
  text: z.string(),
})

/** A public key as callers see it. */
export const keyBody = z.object({
  keyId: z.hex().length(16).meta({ description: 'The first 16 hex digits of the SHA-256 of its SPKI bytes.' }),
  publicKey: z.string().meta({ description: 'Ed25519, SPKI in PEM.' }),
})

export function toCheckpointBody(row: CheckpointRow): unknown {
  const { type: _type, ...fields } = row
  const { sequence, firstBatch, lastBatch, lastTransfer, transfers } = row
  return {
    ...fields,
    sequence: Number(sequence),
    firstBatch: Number(firstBatch),
    lastBatch: Number(lastBatch),
    lastTransfer: Number(lastTransfer),
    transfers: Number(transfers),
    text: checkpointText(row),
  }
}

export const toKeyBody = ({ id, pem }: PublicKey): unknown => ({ keyId: id, publicKey: pem })
