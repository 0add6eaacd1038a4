import {
  type Envelope,
  type EventData,
  type EventDefinition,
  type rewardReleased,
  transferPosted,
  transferRefused,
} from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { Context, Decided, Outcome, Publish, Steps } from '@tributary/messaging'
import { type Books, type Posting, post } from '../domain/books.ts'
import type { RewardRequest } from '../domain/posting.ts'
import { statuses } from '../domain/status.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { lockAndLoadBooks } from '../store/load-books.ts'
import { postBatch, type Transfer } from '../store/post-batch.ts'
import { answerToKeep, outcomeOf } from './answers.ts'
import { fingerprintOf } from './fingerprint.ts'

/** Events that move a reward's money: all carry the same fields, whatever else is in them. */
type RewardEvent = EventDefinition<string, (typeof rewardReleased)['data']>
type RewardEnvelope = Envelope<EventData<typeof rewardReleased>>

type Posted = Readonly<{ event: RewardEnvelope; row: Transfer }>
type Decision = Readonly<{ outcome: Outcome; request: RewardRequest; posting: Posting }>

/** The three steps that earned, released and reversed share; only the movement differs. */
export function postRequests(kind: RewardRequest['kind'], metrics: LedgerMetrics): Steps<RewardEvent, Books, Decision> {
  return {
    load: (tx, events) =>
      lockAndLoadBooks(
        tx,
        events.map(({ data }) => ({ ...data, causeId: data.transactionId })),
      ),
    decide(books, event) {
      const request = toRequest(kind, event)
      const posting = post(books, request)
      return [{ outcome: outcomeOf(posting.status), request, posting }, books]
    },
    async save(tx, decided, publish, context) {
      const posted = await savePostings(tx, decided, publish, context)
      for (const { event, row } of posted) {
        metrics.posted(row.kind, (context.now.getTime() - Date.parse(event.time)) / 1_000)
      }
    },
  }
}

function toRequest(kind: RewardRequest['kind'], { data }: RewardEnvelope): RewardRequest {
  const { transactionId: causeId, rewardId, userId, amount, currency } = data
  const content = { kind, causeId, rewardId, userId, amount, currency }
  return { ...content, fingerprint: fingerprintOf(content) }
}

async function savePostings(
  tx: Transaction,
  decided: readonly Decided<RewardEvent, Decision>[],
  publish: Publish,
  { newId }: Context,
): Promise<readonly Posted[]> {
  const answered = decided.flatMap(({ decision: { request, posting } }) => answerToKeep(request, posting))
  if (answered.length === 0) return []
  const transfers = decided.flatMap(({ event, decision: { request, posting } }) =>
    posting.movements.map((movement) => {
      const { causeId, rewardId, currency } = request
      return {
        event,
        row: { ...movement, id: newId(), causeId, rewardId, currency, effectiveAt: event.time } satisfies Transfer,
      }
    }),
  )
  const postedAt = await postBatch(tx, {
    opened: decided.flatMap(({ decision }) => decision.posting.opened),
    answered,
    transfers: transfers.map(({ row }) => row),
  })
  for (const { event, row } of transfers) {
    const { id: transferId, causeId, kind, rewardId, amount } = row
    const { userId, currency } = event.data
    publish(transferPosted, {
      type: `transfer.posted.${kind}`,
      data: { transferId, causeId, kind, userId, rewardId, amount, currency, postedAt },
      because: event,
      time: new Date(event.time),
    })
  }
  for (const { event, decision } of decided) {
    const { status } = decision.posting
    if (statuses[status] !== 'refused') continue
    publish(transferRefused, { data: { causeId: decision.request.causeId, reason: status }, because: event })
  }
  return transfers
}
