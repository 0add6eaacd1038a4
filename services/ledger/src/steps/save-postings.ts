import { transferPosted, transferRefused } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Because, Publish } from '@tributary/messaging'
import type { FingerprintedRequest, Posting } from '../domain/books.ts'
import { statuses } from '../domain/status.ts'
import { postBatch, type Transfer } from '../store/post-batch.ts'
import { answerToKeep } from './answers.ts'

/** A request that was answered, with what asked for it and when that happened (RFC 3339). */
export type Answered = Readonly<{
  request: FingerprintedRequest
  posting: Posting
  because: Because
  effectiveAt: string
}>

/** Writes what was decided in one batch, in the order given, and tells it. Answers the transfers of each. */
export async function savePostings(
  tx: Transaction,
  answered: readonly Answered[],
  publish: Publish,
  newId: () => string,
): Promise<readonly (readonly Transfer[])[]> {
  const causes = answered.flatMap(({ request, posting }) => answerToKeep(request, posting))
  if (causes.length === 0) return answered.map(() => [])
  const transfers = answered.map((one) => transfersOf(one, newId))
  const postedAt = await postBatch(tx, {
    opened: answered.flatMap(({ posting }) => posting.opened),
    answered: causes,
    transfers: transfers.flat(),
    holds: answered.flatMap(({ posting }) => (posting.hold === null ? [] : [posting.hold])),
  })
  for (const [index, one] of answered.entries()) tell(one, transfers[index]!, postedAt, publish)
  return transfers
}

function transfersOf({ request, posting, effectiveAt }: Answered, newId: () => string): Transfer[] {
  const { causeId, currency } = request
  const rewardId = 'rewardId' in request ? request.rewardId : null
  const cashoutId = 'cashoutId' in request ? request.cashoutId : null
  return posting.movements.map((movement) => ({
    ...movement,
    id: newId(),
    causeId,
    rewardId,
    cashoutId,
    currency,
    effectiveAt,
  }))
}

function tell(
  { request, posting: { status }, because, effectiveAt }: Answered,
  transfers: readonly Transfer[],
  postedAt: string,
  publish: Publish,
): void {
  const userId = 'userId' in request ? request.userId : null
  for (const { id: transferId, causeId, kind, rewardId, cashoutId, amount } of transfers) {
    publish(transferPosted, {
      type: `transfer.posted.${kind}`,
      data: {
        transferId,
        causeId,
        kind,
        userId,
        rewardId,
        ...(cashoutId === null ? {} : { cashoutId }),
        ...('provider' in request ? { provider: request.provider } : {}),
        amount,
        currency: request.currency,
        postedAt,
      },
      because,
      time: new Date(effectiveAt),
    })
  }
  if (statuses[status] !== 'refused') return
  publish(transferRefused, { data: { causeId: request.causeId, reason: status }, because })
}
