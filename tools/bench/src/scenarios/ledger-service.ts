import { generateKeyPairSync } from 'node:crypto'
import { type Database, inTransaction, type Transaction } from '@tributary/database'
import { configShape, ledger } from '@tributary/ledger'
import { newPublisher, withInbox } from '@tributary/messaging'
import { newUuid7, type Posting } from './ledger-postings.ts'

/** The ledger as its process has it, without a process. */
export type LedgerService = ReturnType<typeof ledger>

export function newLedgerService(): LedgerService {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return ledger(configShape.parse({ LEDGER_SIGNING_KEY: key }))
}

/** Posts earnings as the consumer does: the inbox remembers the messages, the handler loads, decides and saves, the outbox is written. */
export function newPoster({ consumes }: LedgerService, db: Database): (postings: readonly Posting[]) => Promise<void> {
  const onRewardEarned = consumes.find(({ event }) => event.type === 'reward.earned')
  if (onRewardEarned === undefined) throw new Error('the ledger does not hear reward.earned')
  return (postings) => {
    const context = { now: new Date(), newId: newUuid7 }
    const envelopes = postings.map(toEnvelope)
    const messageIds = envelopes.map(({ messageId }) => messageId)
    const work = async (tx: Transaction, remember: Remember) => {
      await remember(tx, messageIds)
      const publisher = newPublisher('ledger', context)
      const outcomes = await onRewardEarned.handle(tx, envelopes, publisher.publish, context)
      const wrong = outcomes.find(({ kind }) => kind !== 'done')
      if (wrong) throw new Error(`an earning was not posted: ${JSON.stringify(wrong)}`)
      await publisher.flush(tx)
    }
    return withInbox(db, (remember) => inTransaction(db, (tx) => work(tx, remember)))
  }
}

type Remember = Parameters<Parameters<typeof withInbox>[1]>[0]

function toEnvelope({ userId, rewardId, causeId, amount, time }: Posting) {
  const id = newUuid7()
  const data = { rewardId, transactionId: causeId, userId, amount, currency: 'USD' }
  return {
    messageId: id,
    subject: id,
    type: 'reward.earned',
    source: 'rewards',
    time,
    correlationId: newUuid7(),
    causationId: newUuid7(),
    traceparent: null,
    data,
  }
}
