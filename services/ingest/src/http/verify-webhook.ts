import { createHash } from 'node:crypto'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { isHeaderFault, isWithinTolerance, readHeaders } from '../domain/webhook-headers.ts'
import { findDifference } from '../providers/signature-diagnosis.ts'
import { standardWebhooks } from '../providers/standard-webhooks.ts'
import type { Intake } from './intake.ts'
import { verifyExamples } from './intake-examples.ts'

const finding = z.enum(['matches', 'does not match', 'unknown'])

/** What a sender's request would be answered, and which part of it is to blame. Stores nothing. */
export function verifyWebhook(intake: Intake) {
  return route({
    method: 'POST',
    path: '/api/v1/webhooks/verify',
    summary: 'Send a webhook here to learn which of secret, timestamp and body bytes does not match.',
    access: { scope: 'webhooks:read' },
    rawBodyMaxBytes: 64 * 1024,
    headers: standardWebhooks.headers,
    examples: verifyExamples,
    answers: {
      200: z.object({
        valid: z.boolean(),
        secret: finding,
        timestamp: finding,
        body: finding,
        detail: z.string(),
        serverTime: z.string(),
        bodyBytes: z.int(),
        bodySha256: z.string(),
      }),
    },
    problems: ['payload_too_large'],

    async handle({ body, request }, { db, now }) {
      const bytes = body as unknown as Buffer
      const at = now()
      const common = {
        serverTime: at.toISOString(),
        bodyBytes: bytes.length,
        bodySha256: createHash('sha256').update(bytes).digest('hex'),
      }
      const headers = readHeaders(request.headers)
      if (isHeaderFault(headers)) {
        const unknown = { secret: 'unknown', timestamp: 'unknown', body: 'unknown' } as const
        return answer(200, { ...common, valid: false, ...unknown, detail: headers.detail })
      }
      const seconds = Math.floor(at.getTime() / 1000)
      const isInTime = isWithinTolerance(headers.timestamp, seconds)
      const difference = findDifference(await intake.secrets.freshKeys(db, at), headers, bytes)
      return answer(200, {
        ...common,
        valid: isInTime && difference.secret === 'matches' && difference.body === 'matches',
        timestamp: isInTime ? 'matches' : 'does not match',
        ...difference,
        detail: isInTime
          ? difference.detail
          : `webhook-timestamp is ${headers.timestamp - seconds} seconds from our clock; ${difference.detail}`,
      })
    },
  })
}
