import { query } from '@tributary/database'
import { exchanges } from '@tributary/messaging'
import type { TestBroker, TestDatabase } from '@tributary/testing'
import { get, type Ingest } from './sender.ts'

export type Message = Readonly<{
  messageId: string
  subject: string
  headers: Record<string, unknown>
  /** The very text that was published. */
  content: string
}>

/** Hears every message as it is on the wire. */
export async function hearAll(broker: TestBroker): Promise<{ of(eventId: string): Message[]; all: Message[] }> {
  const channel = await broker.channel()
  const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true })
  await channel.bindQueue(queue, exchanges.events, '#')
  const all: Message[] = []
  await channel.consume(
    queue,
    (message) => {
      if (message === null) return
      const headers = message.properties.headers as Record<string, unknown>
      const { messageId } = message.properties as { messageId: string }
      all.push({
        messageId,
        headers,
        subject: String(headers.cloudEvents_subject),
        content: message.content.toString(),
      })
    },
    { noAck: true },
  )
  return { all, of: (eventId) => all.filter((message) => message.subject === eventId) }
}

export type ReplayAnswer = Readonly<{
  id: string
  state: string
  kind: string
  replayed: number
  leftOut: number
  requestedBy: string
  reason: string | null
  cancelledBy: string | null
  range: { doneUntil: string | null } | null
}>

/** POSTs a body to a route of ingest. */
export const post = <T>(to: Ingest, path: string, body: object) =>
  get<T>(to, path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

export const replayOf = async (of: Ingest, id: string) =>
  (await get<ReplayAnswer>(of, `/api/v1/webhooks/replays/${id}`)).body

/** Everything that any webhook here was received in. */
export const allTime = () => ({ from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' })

/** Says what rewards would have said of an event. */
export async function decide({ db }: TestDatabase, eventId: string, status: string, reason: string | null = null) {
  await query(db, 'insert into event_statuses (event_id, status, revision) values (?, ?, 1)', [eventId, status])
  await query(
    db,
    `insert into effects (event_id, subject, service, kind, id, outcome, reason, at)
     values (?, gen_random_uuid(), 'rewards', 'decision', gen_random_uuid(), ?, ?, now())`,
    [eventId, status, reason],
  )
}
