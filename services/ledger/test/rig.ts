import {
  cashoutFailed,
  cashoutPaid,
  cashoutRequested,
  cashoutReturned,
  type EventDefinition,
  rewardEarned,
  rewardHeld,
  rewardReleased,
  rewardResumed,
  rewardReversed,
} from '@tributary/contracts'
import { type Database, inTransaction, openDatabase, type Transaction } from '@tributary/database'
import { type Consumer, newPublisher, type Outcome } from '@tributary/messaging'
import type { Currency } from '@tributary/money'
import { type TestDatabase, testDatabase } from '@tributary/testing'
import { v7 } from 'uuid'
import { onTestFinished } from 'vitest'
import type { CashoutRequest, HoldRequest, RewardRequest } from '../src/domain/request.ts'
import { onCashoutFailed } from '../src/messages/cashout.failed.ts'
import { onCashoutPaid } from '../src/messages/cashout.paid.ts'
import { onCashoutRequested } from '../src/messages/cashout.requested.ts'
import { onCashoutReturned } from '../src/messages/cashout.returned.ts'
import { onRewardEarned } from '../src/messages/reward.earned.ts'
import { onRewardHeld } from '../src/messages/reward.held.ts'
import { onRewardReleased } from '../src/messages/reward.released.ts'
import { onRewardResumed } from '../src/messages/reward.resumed.ts'
import { onRewardReversed } from '../src/messages/reward.reversed.ts'
import { newLedgerMetrics } from '../src/metrics.ts'

/** What can be asked of the ledger by an event. */
export type RequestKind = (RewardRequest | HoldRequest | CashoutRequest)['kind']

/** What a test asks the ledger for; the rest is made up. */
export type Request = Readonly<{
  kind: RequestKind
  causeId: string
  /** The reward, or the cashout. */
  rewardId: string
  userId: string
  amount: bigint
  currency?: Currency
  /** Of a hold or a resumption. */
  sequence?: number
  /** Of a cashout. */
  provider?: string
  time?: string
}>

const metrics = newLedgerMetrics()
/** In the order in which the service works a mixed batch. */
const consumers: Readonly<Record<RequestKind, Consumer>> = {
  earn: onRewardEarned(metrics),
  hold: onRewardHeld(metrics),
  release: onRewardReleased(metrics),
  resume: onRewardResumed(metrics),
  reverse: onRewardReversed(metrics),
  reserve: onCashoutRequested(metrics),
  settle: onCashoutPaid(metrics),
  return: onCashoutFailed(metrics),
  bounce: onCashoutReturned(metrics),
}
export const requestKinds = Object.keys(consumers) as readonly RequestKind[]

export const definitions: Readonly<Record<RequestKind, EventDefinition>> = {
  earn: rewardEarned,
  hold: rewardHeld,
  release: rewardReleased,
  resume: rewardResumed,
  reverse: rewardReversed,
  reserve: cashoutRequested,
  settle: cashoutPaid,
  return: cashoutFailed,
  bounce: cashoutReturned,
}

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
  return inTransaction(db, (tx) => postIn(tx, requests))
}

/** The same in a transaction of the caller's. */
export async function postIn(tx: Transaction, requests: readonly Request[]): Promise<Outcome[]> {
  const context = { now: new Date(), newId: () => v7() }
  const publisher = newPublisher('ledger', context)
  const outcomes: Outcome[] = []
  for (const kind of requestKinds) {
    const mine = requests.filter((request) => request.kind === kind)
    if (mine.length === 0) continue
    outcomes.push(...(await consumers[kind].handle(tx, mine.map(toEnvelope), publisher.publish, context)))
  }
  await publisher.flush(tx)
  return outcomes
}

/** The message that rewards or payouts would send. */
export function toEnvelope(request: Request) {
  const id = v7()
  const { type } = definitions[request.kind]
  return {
    messageId: id,
    subject: id,
    type,
    source: type.startsWith('reward') ? 'rewards' : 'payouts',
    time: request.time ?? new Date().toISOString(),
    correlationId: v7(),
    causationId: v7(),
    traceparent: null,
    data: dataOf(request),
  }
}

function dataOf({ kind, causeId, rewardId, userId, amount, currency = 'USD', sequence = 1, provider }: Request) {
  const asked = { transactionId: causeId, userId, amount, currency }
  if (definitions[kind].type.startsWith('cashout')) {
    return { ...asked, cashoutId: rewardId, provider: provider ?? 'simulator', reason: 'test' }
  }
  return { ...asked, rewardId, ...(kind === 'hold' || kind === 'resume' ? { sequence, reason: 'test' } : {}) }
}

/** A request with ids of its own. */
export function request<const K extends RequestKind>(kind: K, changes: Partial<Request> = {}): Request & { kind: K } {
  return { causeId: v7(), rewardId: v7(), userId: v7(), amount: 100n, ...changes, kind }
}
