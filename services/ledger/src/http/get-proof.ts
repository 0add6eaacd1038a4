import { amountField, currencyField, idField, timeField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { leafBytes } from '../proof/bytes.ts'
import type { SigningKeys } from '../proof/keys.ts'
import { leafHash, pathOf, rootOf } from '../proof/merkle.ts'
import { readSealed, type Sealed } from '../steps/read-sealed.ts'
import { checkpointBody, keyBody, toCheckpointBody, toKeyBody } from './checkpoint-body.ts'
import { countField } from './fields.ts'

const accountId = z.int().min(1)

const proofBody = z.object({
  leaf: z
    .object({
      number: z.int().min(1),
      id: idField,
      causeId: idField,
      kind: z.string(),
      debitAccount: accountId,
      creditAccount: accountId,
      amount: amountField,
      currency: currencyField,
      rewardId: idField.nullable(),
      cashoutId: idField.nullable(),
      effectiveAt: timeField,
      postedAt: timeField,
      batch: z.int().min(1),
    })
    .meta({ description: 'The transfer, as it was hashed: these fields are what is proved.' }),
  leafHash: z.hex().length(64),
  leafIndex: countField,
  treeSize: z.int().min(1),
  path: z.array(z.hex().length(64)).meta({ description: "RFC 6962: from the leaf's neighbour to the root's half." }),
  checkpoint: checkpointBody,
  key: keyBody.nullable().meta({ description: 'Of the checkpoint; null where this process does not know it.' }),
})

/** How long until the next checkpoint, at most. */
const RETRY_SECONDS = '60'

export const getProof = (keys: SigningKeys) =>
  route({
    method: 'GET',
    path: '/api/v1/proofs/{transferId}',
    summary: 'Proves one transfer: anyone can check it with the public key alone, and learns nothing of others.',
    access: { scope: 'ledger:read' },
    params: z.object({ transferId: idField }),
    answers: { 200: proofBody },
    problems: ['not_found', 'transfer_not_sealed'],

    async handle({ params: { transferId } }, { db }) {
      const found = await readSealed(db, transferId)
      if (found === 'unknown') throw new Problem('not_found', { detail: `there is no transfer ${transferId}` })
      if (found === 'not_sealed') {
        throw new Problem('transfer_not_sealed', { headers: { 'retry-after': RETRY_SECONDS } })
      }
      const key = keys.all.find(({ id }) => id === found.checkpoint.keyId)
      return answer(200, { ...prove(found), key: key === undefined ? null : toKeyBody(key) })
    },
  })

function prove({ checkpoint, transfers, index }: Sealed): object {
  const leaves = transfers.map((transfer) => leafHash(leafBytes(transfer, transfer.batch)))
  const root = rootOf(leaves).toString('hex')
  // What is in the tables now is not what was signed: no proof can be made of it.
  if (root !== checkpoint.treeRoot) throw new Error(`checkpoint ${checkpoint.sequence} does not match its transfers`)
  const { type: _type, number, debitAccount, creditAccount, amount, batch, ...fields } = transfers[index]!
  return {
    leaf: {
      ...fields,
      number: Number(number),
      debitAccount: Number(debitAccount),
      creditAccount: Number(creditAccount),
      amount: BigInt(amount),
      batch: Number(batch),
    },
    leafHash: leaves[index]!.toString('hex'),
    leafIndex: index,
    treeSize: leaves.length,
    path: pathOf(leaves, index).map((hash) => hash.toString('hex')),
    checkpoint: toCheckpointBody(checkpoint),
  }
}
