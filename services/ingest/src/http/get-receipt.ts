import { idField, timeField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { SigningKeys } from '../proof/keys.ts'
import { signReceipt } from '../proof/receipt.ts'
import { findAcceptance } from '../store/acceptances.ts'
import { missingEvent } from './missing-event.ts'

export const getReceipt = (keys: SigningKeys) =>
  route({
    method: 'GET',
    path: '/api/v1/webhooks/events/{eventId}/receipt',
    summary:
      'A signed proof that a webhook was accepted, for its sender to keep; docs/receipts.md says how to check it.',
    access: { scope: 'webhooks:read' },
    params: z.object({ eventId: idField }),
    answers: {
      200: z.object({
        eventId: idField,
        source: z.string(),
        webhookId: z.string(),
        type: z.string(),
        bodySha256: z.hex().length(64),
        receivedAt: timeField,
        keyId: z.hex().length(16),
        statement: z.string().meta({ description: 'What is signed, to the last line feed.' }),
        signature: z.base64().meta({ description: 'Ed25519 over the bytes of `statement`.' }),
      }),
    },
    problems: ['not_found'],

    async handle({ params: { eventId } }, { db }) {
      const accepted = await findAcceptance(db, eventId)
      if (!accepted) throw await missingEvent(db, eventId)
      return answer(200, signReceipt({ ...accepted, receivedAt: accepted.receivedAt.toISOString() }, keys))
    },
  })
