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
