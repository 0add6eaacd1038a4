import type { ServiceName } from '@tributary/contracts'
import { idField, timeField } from '@tributary/contracts'
import {
  discardParked,
  findParked,
  listParked,
  type ParkedMessage,
  parkedStatuses,
  replayParked,
  type Settlement,
} from '@tributary/messaging'
import { z } from 'zod'
import { fromCursor, pageOf, pageQuery, toPage } from './cursor.ts'
import { Problem } from './problem.ts'
import { answer, type Route, route } from './route.ts'

const parked = z
  .object({
    id: idField,
    messageId: z.string().nullable(),
    subject: z.string().nullable(),
    type: z.string(),
    source: z.string().nullable(),
    correlationId: z.string().nullable(),
    reason: z.string(),
    attempts: z.int(),
    parkedAt: timeField,
    status: z.enum(parkedStatuses),
    settledAt: timeField.nullable(),
    settledBy: z.string().nullable(),
    settledWhy: z.string().nullable(),
  })
  .meta({ description: 'A message that could not be handled.' })
const parkedWhole = parked.extend({ payload: z.string().meta({ description: 'What it carried, as text.' }) })

const params = z.object({ id: idField })
const filters = {
  status: z.enum(parkedStatuses).optional(),
  type: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: 'is no type of a message' })
    .optional(),
}

/** Every service's own parked messages: listed, looked at, replayed, given up. */
export function deadLetterRoutes(service: ServiceName): Route[] {
  return [listDeadLetters, getDeadLetter, replayDeadLetter(service), discardDeadLetter]
}

const listDeadLetters = route({
  method: 'GET',
  path: '/api/v1/dead-letters',
  summary: 'List parked messages, newest first',
  access: { scope: 'dead-letters:read' },
  query: z.object({ ...filters, ...pageQuery }),
  answers: { 200: pageOf(parked) },
  async handle({ query: { limit, cursor, ...filter } }, { db }) {
    const asked = { list: 'dead letters', ...filter }
    const place = fromCursor(cursor, asked, 2)
    const before = place === null ? undefined : { parkedAt: readTime(place[0]!), id: readId(place[1]!) }
    const rows = await listParked(db, { ...filter, limit: limit + 1, before })
    const page = toPage(rows, limit, asked, (row) => [row.parkedAt.toISOString(), row.id])
    return answer(200, { ...page, items: page.items.map(toAnswer) })
  },
})

const getDeadLetter = route({
  method: 'GET',
  path: '/api/v1/dead-letters/{id}',
  summary: 'Show a parked message with what it carried',
  access: { scope: 'dead-letters:read' },
  params,
  answers: { 200: parkedWhole },
  problems: ['not_found'],
  async handle({ params: { id } }, { db }) {
    const message = await findParked(db, id)
    if (message === null) throw new Problem('not_found')
    return answer(200, toAnswer(message))
  },
})

const replayDeadLetter = (service: ServiceName) =>
  route({
    method: 'POST',
    path: '/api/v1/dead-letters/{id}/replay',
    summary: 'Handle a parked message once more',
    access: { scope: 'dead-letters:write' },
    params,
    answers: { 200: parked },
    problems: ['not_found', 'parked_message_settled'],
    handle: ({ params: { id } }, { transaction, now, newId, principal, wake }) =>
      transaction(async (tx) => {
        const by = principal?.id ?? 'unknown'
        refuseUnsettled(await replayParked(tx, service, id, by, { now: now(), newId }))
        return answer(200, toAnswer((await findParked(tx, id))!))
      }).finally(wake),
  })

const discardDeadLetter = route({
  method: 'POST',
  path: '/api/v1/dead-letters/{id}/discard',
  summary: 'Give a parked message up for good',
  access: { scope: 'dead-letters:write' },
  params,
  body: z.object({ reason: z.string().trim().min(1).max(500) }),
  answers: { 200: parked },
  problems: ['not_found', 'parked_message_settled'],
  handle: ({ params: { id }, body: { reason } }, { transaction, now, newId, principal }) =>
    transaction(async (tx) => {
      refuseUnsettled(await discardParked(tx, id, principal?.id ?? 'unknown', reason, { now: now(), newId }))
      return answer(200, toAnswer((await findParked(tx, id))!))
    }),
})

function refuseUnsettled(settlement: Settlement): void {
  switch (settlement) {
    case 'settled':
      return
    case 'unknown':
      throw new Problem('not_found')
    case 'already_settled':
      throw new Problem('parked_message_settled')
    case 'not_replayable':
      throw new Problem('parked_message_settled', {
        detail: 'It has no readable envelope, so it can only be discarded.',
      })
  }
}

const toAnswer = (message: ParkedMessage) => ({
  ...message,
  parkedAt: message.parkedAt.toISOString(),
  settledAt: message.settledAt?.toISOString() ?? null,
})

/** A cursor is not signed, so what comes out of it is checked like any input. */
function readTime(text: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new Problem('payload_invalid')
  return time
}

function readId(text: string): string {
  const read = idField.safeParse(text)
  if (!read.success) throw new Problem('payload_invalid')
  return read.data
}
