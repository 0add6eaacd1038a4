import { customEvent, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { knownEvents, typePattern } from './webhook-payload.ts'

const timestamp = timeField.optional().meta({ description: 'When it happened; without it, when it arrived.' })

/** What a webhook's body may be, for the documentation; `readPayload` is what checks it. */
export const webhookBody = z.union([
  ...knownEvents.map(({ type, description, data }) =>
    z.object({ type: z.literal(type), timestamp, data }).meta({ description }),
  ),
  z
    .object({ type: z.string().max(64).regex(typePattern), timestamp, data: customEvent.data })
    .meta({ description: 'Any other event; rules find it by its type.' }),
])

/** The headers of Standard Webhooks, for the documentation. */
export const webhookHeaders = {
  'webhook-id': 'Names the webhook: sent again with the same id and body, it is the same webhook.',
  'webhook-timestamp': 'When it was signed, in seconds since 1970; at most five minutes from our clock.',
  'webhook-signature':
    '`v1,` and the base64 of the HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<body>`; several, with blanks between.',
}
