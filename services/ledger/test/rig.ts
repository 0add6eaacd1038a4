import { rewardEarned, rewardReleased, rewardReversed } from '@tributary/contracts'
import { type Database, inTransaction, openDatabase } from '@tributary/database'
import { type Consumer, newPublisher, type Outcome } from '@tributary/messaging'
import { type TestDatabase, testDatabase } from '@tributary/testing'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import type { RewardRequest } from '../src/domain/posting.ts'
import { onRewardEarned } from '../src/messages/reward.earned.ts'
import { onRewardReleased } from '../src/messages/reward.released.ts'
import { onRewardReversed } from '../src/messages/reward.reversed.ts'
import { newLedgerMetrics } from '../src/metrics.ts'

/** What a test asks the ledger for; the rest is made up. */
export type Request = Pick<RewardRequest, 'kind' | 'causeId' | 'rewardId' | 'userId' | 'amount'> &
  Readonly<{ currency?: RewardRequest['currency']; time?: string }>

const metrics = newLedgerMetrics()
const consumers: Readonly<Record<RewardRequest['kind'], Consumer>> = {
  earn: onRewardEarned(metrics),
  release: onRewardReleased(metrics),
  reverse: onRewardReversed(metrics),
}
export const definitions = { earn: rewardEarned, release: rewardReleased, reverse: rewardReversed }

export type Ledger = Readonly<{
  database: TestDatabase
  /** As the service works. */
  db: Database
  /** Handles requests as one batch of messages would be, in one transaction; answers an outcome for each, by kind and in order. */
  post(...requests: readonly Request[]): Promise<Outcome[]>
}>

/** A ledger of its own, worked as the service works it, without a broker. */
export async function openLedger(): Promise<Ledger> {
  const database = await testDatabase('ledger')
  const db = openDatabase({ url: database.url, applicationName: 'test', poolMax: 8 })
  onTestFinished(() => db.destroy())
  return { database, db, post: (...requests) => postTo(db, ...requests) }
}

/** Handles requests as one batch of messages, on a connection of the service's. */
export function postTo(db: Database, ...requests: readonly Request[]): Promise<Outcome[]> {
  return inTransaction(db, async (tx) => {
    const context = { now: new Date(), newId: () => v7() }
    const publisher = newPublisher('ledger', context)
    const outcomes: Outcome[] = []
    for (const kind of ['earn', 'release', 'reverse'] as const) {
      const mine = requests.filter((request) => request.kind === kind)
      if (mine.length === 0) continue
      outcomes.push(...(await consumers[kind].handle(tx, mine.map(toEnvelope), publisher.publish, context)))
    }
    await publisher.flush(tx)
    return outcomes
  })
}

/** The message that rewards would send. */
export function toEnvelope({ kind, causeId, rewardId, userId, amount, currency = 'USD', time }: Request) {
  const id = v7()
  return {
    messageId: id,
    subject: id,
    type: definitions[kind].type,
    source: 'rewards',
    time: time ?? new Date().toISOString(),
    correlationId: v7(),
    causationId: v7(),
    traceparent: null,
    data: { transactionId: causeId, rewardId, userId, amount, currency },
  }
}

/** A request with ids of its own. */
export function request(kind: RewardRequest['kind'], changes: Partial<Request> = {}): Request {
  return { kind, causeId: v7(), rewardId: v7(), userId: v7(), amount: 100n, ...changes }
}
