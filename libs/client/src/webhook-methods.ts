import type { ServiceName } from '@tributary/contracts'
import { type CallerOptions, type CallOptions, makeCall, toCall } from './call.ts'
import { type IngestRoutes, ingestRoutes } from './generated/ingest.ts'
import type { Page } from './lists.ts'
import { ApiError } from './problem.ts'
import { sendWebhook, signWebhook, type Webhook } from './webhook.ts'

type Routes = IngestRoutes
type Listed = Routes['GET /api/v1/webhooks/events']
type EventQuery = Omit<NonNullable<Listed['takes'][0]>, 'webhookId'>
type Summary = Extract<Listed['gives'], { items: unknown }>['items'][number]

/** An event with what was sent and what became of it. */
export type Event = Routes['GET /api/v1/webhooks/events/{eventId}']['gives']
/** What a webhook would be answered, and which of secret, timestamp and body is to blame. */
export type WebhookCheck = Routes['POST /api/v1/webhooks/verify']['gives']

export type WebhookSurroundings = Readonly<{
  caller: CallerOptions
  at: (service: ServiceName) => string
  secret: string | undefined
}>

/** The routes whose requests are signed, or whose answer depends on what is asked. */
export function webhookMethods({ caller, at, secret }: WebhookSurroundings) {
  const mustSign = (): string => {
    if (secret === undefined) throw new Error('the client was given no webhook secret')
    return secret
  }
  const list = (query: object, options: CallOptions) => {
    const route = 'GET /api/v1/webhooks/events'
    return makeCall(caller, toCall(at('ingest'), route, ingestRoutes[route], [query, options]))
  }
  return {
    /** Signs and sends; sent again under the same id while that may help. */
    sendWebhook: async (webhook: Webhook, options: CallOptions = {}) =>
      sendWebhook(at('ingest'), mustSign(), webhook, { ...caller, ...options }),
    /** Signs and sends it where nothing is stored, to learn what is wrong with it. */
    verifyWebhook: async (webhook: Webhook, options: CallOptions = {}) => {
      const { headers, body } = signWebhook(mustSign(), webhook)
      const url = new URL('/api/v1/webhooks/verify', at('ingest')).href
      const call = { method: 'POST', url, body, contentType: 'application/json', headers, options }
      return (await makeCall(caller, call)) as WebhookCheck
    },
    listEvents: async (query: EventQuery = {}, options: CallOptions = {}) =>
      (await list(query, options)) as Page<Summary>,
    /** The event of a webhook by the sender's own id for it; null where there is none. */
    findEvent: async (webhookId: string, options: CallOptions = {}) => {
      try {
        return (await list({ webhookId }, options)) as Event
      } catch (error) {
        if (error instanceof ApiError && error.code === 'not_found') return null
        throw error
      }
    },
  }
}
