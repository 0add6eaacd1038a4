import { type EventData, type EventDefinition, mayPublish, type ServiceName } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { instants, preparedQuery, texts, uuids } from '@tributary/database'
import type { Context } from './consume.ts'

/** What an event goes back to. An envelope is one. */
export type Because = Readonly<{
  correlationId: string
  /** The event that directly caused this one. */
  subject: string
  traceparent?: string | null
}>

export type Publication<E extends EventDefinition> = Readonly<{
  data: EventData<E>
  because: Because
  /** When it took effect. Default: now. */
  time?: Date
  /** The exact type, needed where the definition stands for a family such as `transfer.posted.*`. */
  type?: string
  /** The event's own id, when the caller wants to choose it. Default: a new one. */
  subject?: string
}>

/** Writes an event into the outbox of the surrounding transaction; the only way for anything to leave a service. */
export type Publish = <E extends EventDefinition>(event: E, publication: Publication<E>) => void

/** Events collected while a transaction runs; `flush` writes them as one statement, just before the commit. */
export type Publisher = Readonly<{ publish: Publish; flush(tx: Transaction): Promise<number> }>

type Row = Readonly<{
  messageId: string
  subject: string
  type: string
  time: Date
  correlationId: string
  causationId: string
  traceparent: string | null
  payload: string
}>

export function newPublisher(service: ServiceName, context: Context): Publisher {
  const rows: Row[] = []
  return {
    publish(event, { data, because, time, type, subject }) {
      const exactType = type ?? event.type
      if (exactType.includes('*')) throw new Error(`publishing ${event.type} needs the exact type`)
      if (!mayPublish(service, exactType)) throw new Error(`${service} may not publish ${exactType}`)
      const messageId = context.newId()
      rows.push({
        messageId,
        subject: subject ?? messageId,
        type: exactType,
        time: time ?? context.now,
        correlationId: because.correlationId,
        causationId: because.subject,
        traceparent: because.traceparent ?? null,
        payload: JSON.stringify(event.data.encode(data)),
      })
    },
    async flush(tx) {
      if (rows.length === 0) return 0
      await insertOutbox(tx, rows)
      return rows.splice(0).length
    },
  }
}

async function insertOutbox(tx: Transaction, rows: readonly Row[]): Promise<void> {
  await preparedQuery(
    tx,
    'insert_outbox',
    `insert into outbox (message_id, subject, type, time, correlation_id, causation_id, traceparent, payload)
     select * from unnest(?::uuid[], ?::uuid[], ?::text[], ?::timestamptz[], ?::uuid[], ?::uuid[], ?::text[], ?::text[])`,
    [
      uuids(rows.map((row) => row.messageId)),
      uuids(rows.map((row) => row.subject)),
      texts(rows.map((row) => row.type)),
      instants(rows.map((row) => row.time)),
      uuids(rows.map((row) => row.correlationId)),
      uuids(rows.map((row) => row.causationId)),
      texts(rows.map((row) => row.traceparent)),
      texts(rows.map((row) => row.payload)),
    ],
  )
}
