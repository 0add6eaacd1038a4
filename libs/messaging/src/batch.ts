import { isOfKind, type ServiceName } from '@tributary/contracts'
import { type Database, inTransaction, type Transaction } from '@tributary/database'
import type { Delivery } from './broker.ts'
import type { Consumer, Context } from './consume.ts'
import { forgetMessages, isInsideWindow, type Remember, withInbox } from './inbox.ts'
import type { Outcome } from './outcome.ts'
import { park } from './parked.ts'
import { newPublisher, type Publish } from './publish.ts'
import { fromDelivery, isLastAttempt, type Received, type Unreadable } from './wire.ts'

/**
 * What became of one message of a batch, as counted. `duplicate`: its effects were committed before.
 * `type` is the handler's event, so that a family such as `custom.*` is one; `other` where there is no handler.
 */
export type Result = Readonly<{ type: string; result: 'done' | 'ignored' | 'duplicate' | 'retried' | 'parked' }>

export type BatchOptions = Readonly<{
  service: ServiceName
  db: Database
  consumers: readonly Consumer[]
  now: () => Date
  newId: () => string
}>

/** What a committed batch leaves to do: messages to try again later, and whether the outbox has something new. */
export type Settled = Readonly<{ retry: readonly Retry[]; published: number; results: readonly Result[] }>
export type Retry = Readonly<{ received: Received; reason: string }>

/** A message of a batch, with its handler and its parsed payload, or with the reason why it can never be handled. */
type Prepared = { received: Received; consumer: Consumer; data: unknown }
/** `messageId` is null where the inbox cannot remember it. */
type Hopeless = { message: Received | Unreadable; messageId: string | null; reason: string }

/**
 * Handles deliveries in one transaction: inbox, each handler's three steps in the order of `consumers`, parked
 * messages, outbox. Throws what the transaction threw; nothing is committed then.
 */
export async function handleBatch(options: BatchOptions, deliveries: readonly Delivery[]): Promise<Settled> {
  const preparation = prepare(options, deliveries)
  return withInbox(options.db, (remember) => handlePrepared(options, preparation, remember))
}

function handlePrepared(
  options: BatchOptions,
  { prepared, hopeless, ignored }: ReturnType<typeof prepare>,
  remember: Remember,
): Promise<Settled> {
  return inTransaction(options.db, async (tx) => {
    // Read afresh at each attempt of the transaction, so that a retried one does not stamp an old time.
    const context: Context = { now: options.now(), newId: options.newId }
    const publisher = newPublisher(options.service, context)
    const ids = [
      ...prepared.map(({ received }) => received.envelope.messageId),
      ...hopeless.flatMap(({ messageId }) => messageId ?? []),
    ]
    const unknown = ids.length === 0 ? new Set<string>() : await remember(tx, ids)
    const results: Result[] = ignored.map((type) => ({ type, result: 'ignored' }))
    const retry: Retry[] = []

    for (const { message, messageId, reason } of hopeless) {
      if (messageId !== null && !unknown.delete(messageId)) continue
      await park(tx, options.service, message, reason, publisher.publish, context)
      results.push({ type: 'other', result: 'parked' })
    }
    const parts = options.consumers.map((consumer) => {
      // `delete` takes each id once, so that a message that is twice in the batch counts as its own duplicate.
      const mine = prepared.filter((one) => one.consumer === consumer)
      const fresh = mine.filter((one) => unknown.delete(one.received.envelope.messageId))
      for (let i = fresh.length; i < mine.length; i++) results.push({ type: consumer.event.type, result: 'duplicate' })
      return { consumer, fresh, events: fresh.map(({ received, data }) => ({ ...received.envelope, data })) }
    })
    const all = parts.flatMap(({ events }) => events)
    for (const { consumer, fresh, events } of parts) {
      if (fresh.length === 0) continue
      const outcomes = await consumer.handle(tx, events, publisher.publish, context, all)
      await parkRejected(tx, options.service, fresh, outcomes, publisher.publish, context)
      outcomes.forEach((outcome, index) => {
        const { received } = fresh[index] as Prepared
        const isGivenUp = outcome.kind === 'not_yet' && isLastAttempt(received)
        results.push({ type: consumer.event.type, result: isGivenUp ? 'parked' : counted[outcome.kind] })
        if (outcome.kind === 'not_yet') retry.push({ received, reason: outcome.reason })
      })
    }
    if (retry.length > 0)
      await forgetMessages(
        tx,
        retry.map(({ received }) => received.envelope.messageId),
      )
    return { retry, published: await publisher.flush(tx), results }
  })
}

const counted = { done: 'done', ignored: 'ignored', rejected: 'parked', not_yet: 'retried' } as const

/** Parks one message alone, in a transaction of its own. */
export async function parkAlone(options: BatchOptions, message: Received | Unreadable, reason: string): Promise<void> {
  const parkInTransaction = (remember: Remember) =>
    inTransaction(options.db, async (tx) => {
      const context: Context = { now: options.now(), newId: options.newId }
      const publisher = newPublisher(options.service, context)
      const isNew = await rememberIfPossible(tx, message, remember, context)
      if (!isNew) return
      await park(tx, options.service, message, reason, publisher.publish, context)
      await publisher.flush(tx)
    })
  await withInbox(options.db, parkInTransaction)
}

async function rememberIfPossible(
  tx: Transaction,
  message: Received | Unreadable,
  remember: Remember,
  context: Context,
): Promise<boolean> {
  if (!('envelope' in message) || !isInsideWindow(message.envelope.messageId, context.now)) return true
  return (await remember(tx, [message.envelope.messageId])).size === 1
}

async function parkRejected(
  tx: Transaction,
  service: ServiceName,
  fresh: readonly Prepared[],
  outcomes: readonly Outcome[],
  publish: Publish,
  context: Context,
): Promise<void> {
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'rejected') continue
    await park(tx, service, (fresh[index] as Prepared).received, outcome.reason, publish, context)
  }
}

/** Reads envelopes and payloads, before any transaction is open. */
function prepare({ consumers, now }: BatchOptions, deliveries: readonly Delivery[]) {
  const prepared: Prepared[] = []
  const hopeless: Hopeless[] = []
  const ignored: string[] = []
  for (const delivery of deliveries) {
    const message = fromDelivery(delivery)
    if ('problem' in message) {
      hopeless.push({ message, messageId: null, reason: message.problem })
      continue
    }
    const { envelope, content } = message
    if (!isInsideWindow(envelope.messageId, now())) {
      hopeless.push({ message, messageId: null, reason: 'outside_dedupe_window' })
      continue
    }
    const consumer = consumers.find(({ event }) => isOfKind(envelope.type, event.type))
    if (!consumer) {
      ignored.push('other')
      continue
    }
    const parsed = parsePayload(consumer, content)
    if ('problem' in parsed) hopeless.push({ message, messageId: envelope.messageId, reason: parsed.problem })
    else prepared.push({ received: message, consumer, data: parsed.data })
  }
  return { prepared, hopeless, ignored }
}

function parsePayload({ event }: Consumer, content: Buffer): { data: unknown } | { problem: string } {
  let json: unknown
  try {
    json = JSON.parse(content.toString('utf8'))
  } catch {
    return { problem: 'the payload is not JSON' }
  }
  const parsed = event.data.safeParse(json)
  if (parsed.success) return { data: parsed.data }
  const issue = parsed.error.issues[0]
  return { problem: `the payload is not valid: /${issue?.path.join('/') ?? ''} ${issue?.message ?? ''}` }
}
