import { isUtf8 } from 'node:buffer'
import { messageParked, type ServiceName } from '@tributary/contracts'
import { type Database, query, type Transaction } from '@tributary/database'
import type { Context } from './consume.ts'
import type { Publish } from './publish.ts'
import { queueOf } from './topology.ts'
import type { Received, Unreadable } from './wire.ts'

/** A message that waits for a person. */
export type ParkedMessage = Readonly<{
  id: string
  messageId: string | null
  subject: string | null
  type: string
  source: string | null
  correlationId: string | null
  reason: string
  attempts: number
  parkedAt: Date
  status: ParkedStatus
  settledAt: Date | null
  settledBy: string | null
  settledWhy: string | null
  /** What it carried, as text; bytes that are no UTF-8 are replaced. */
  payload: string
}>

export const parkedStatuses = ['parked', 'replayed', 'discarded'] as const
export type ParkedStatus = (typeof parkedStatuses)[number]

/** One sentence at most: errors of a database can carry whole statements. */
const REASON_MAX = 500

/** Parks a message in the transaction that gives it up, and says so to whoever asked for it. */
export async function park(
  tx: Transaction,
  service: ServiceName,
  message: Received | Unreadable,
  reason: string,
  publish: Publish,
  context: Context,
): Promise<void> {
  const received = 'envelope' in message ? message : null
  const envelope = received?.envelope
  const id = context.newId()
  const why = reason.slice(0, REASON_MAX)
  const rows = await query(
    tx,
    `insert into parked_messages (id, message_id, subject, type, source, time, correlation_id, causation_id,
       traceparent, payload, reason, attempts, parked_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning id`,
    [
      id,
      envelope?.messageId ?? null,
      envelope?.subject ?? null,
      envelope?.type ?? message.delivery.type,
      envelope?.source ?? null,
      envelope?.time ?? null,
      envelope?.correlationId ?? null,
      envelope?.causationId ?? null,
      envelope?.traceparent ?? null,
      message.delivery.content,
      why,
      received?.attempt ?? 1,
      context.now,
    ],
  )
  if (rows.length === 0 || !envelope) return
  publish(messageParked, {
    type: `${service}.parked`,
    data: { parkedId: id, service, subject: envelope.subject, type: envelope.type, reason: why },
    because: envelope,
  })
}

/** Parks what the broker gave up on after too many deliveries. */
export const givenUpByBroker = (message: Received | Unreadable): string =>
  'problem' in message ? message.problem : 'delivered too often: whoever handled it died each time'

const columns = `id, message_id as "messageId", subject, type, source, correlation_id as "correlationId", reason, attempts,
  parked_at as "parkedAt", status, settled_at as "settledAt", settled_by as "settledBy", settled_why as "settledWhy",
  payload as "payloadBytes"`

type Row = Omit<ParkedMessage, 'payload'> & { payloadBytes: Buffer }

export type ParkedFilter = Readonly<{
  status?: ParkedStatus | undefined
  type?: string | undefined
  limit: number
  /** Answers those parked before this one. */
  before?: Readonly<{ parkedAt: Date; id: string }> | undefined
}>

/** Newest first. */
export async function listParked(db: Database, filter: ParkedFilter): Promise<ParkedMessage[]> {
  const rows = await query<Row>(
    db,
    `select ${columns} from parked_messages
     where (?::text is null or status = ?::text) and (?::text is null or type = ?::text)
       and (?::uuid is null or (parked_at, id) < (?::timestamptz, ?::uuid))
     order by parked_at desc, id desc limit ?::int`,
    [
      filter.status ?? null,
      filter.status ?? null,
      filter.type ?? null,
      filter.type ?? null,
      filter.before?.id ?? null,
      filter.before?.parkedAt ?? null,
      filter.before?.id ?? null,
      filter.limit,
    ],
  )
  return rows.map(toParked)
}

export async function findParked(db: Database | Transaction, id: string): Promise<ParkedMessage | null> {
  const rows = await query<Row>(db, `select ${columns} from parked_messages where id = ?`, [id])
  return rows[0] ? toParked(rows[0]) : null
}

function toParked({ payloadBytes, ...row }: Row): ParkedMessage {
  return { ...row, payload: payloadBytes.toString('utf8') }
}

export type Settlement = 'settled' | 'already_settled' | 'not_replayable' | 'unknown'

/**
 * Sends a parked message to its service's own queue again, by the outbox: with a new message id, since its old one
 * is in the inbox, and under the same subject, so that effects keep their cause. A message whose envelope could not
 * be read has no subject, and cannot be replayed.
 */
export async function replayParked(
  tx: Transaction,
  service: ServiceName,
  id: string,
  by: string,
  context: Context,
): Promise<Settlement> {
  const [row] = await query<{ subject: string | null; payload: Buffer }>(
    tx,
    'select subject, payload from parked_messages where id = ?',
    [id],
  )
  if (row && (row.subject === null || !isUtf8(row.payload))) return 'not_replayable'
  const settled = await settle(tx, id, 'replayed', by, 'replayed', context)
  if (settled !== 'settled') return settled
  await query(
    tx,
    `insert into outbox (message_id, subject, type, time, correlation_id, causation_id, traceparent, destination, payload)
     select ?, subject, type, time, correlation_id, causation_id, traceparent, ?, convert_from(payload, 'UTF8')
     from parked_messages where id = ?`,
    [context.newId(), queueOf(service), id],
  )
  return 'settled'
}

/** Gives a parked message up for good. */
export function discardParked(tx: Transaction, id: string, by: string, why: string, context: Context) {
  return settle(tx, id, 'discarded', by, why, context)
}

async function settle(
  tx: Transaction,
  id: string,
  status: 'replayed' | 'discarded',
  by: string,
  why: string,
  context: Context,
): Promise<Settlement> {
  const rows = await query(
    tx,
    `update parked_messages set status = ?, settled_at = ?, settled_by = ?, settled_why = ?
     where id = ? and status = 'parked' returning id`,
    [status, context.now, by, why, id],
  )
  if (rows.length === 1) return 'settled'
  return (await findParked(tx, id)) === null ? 'unknown' : 'already_settled'
}
