import { configChanged, timeField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { newSecret } from '../providers/standard-webhooks.ts'
import { findSystemConfig, toldAs, updateSystemConfig } from '../store/system-configs.ts'
import type { Intake } from './intake.ts'

const WEEK_SECONDS = 604_800
const DAY_SECONDS = 86_400

export function rotateWebhookSecret({ secrets, sealing }: Intake) {
  return route({
    method: 'POST',
    path: '/api/v1/system-config/webhook-secret/rotate',
    summary: 'Make a new webhook secret. It is shown this once; the one before it counts until the overlap ends.',
    access: { scope: 'config:write' },
    body: z.object({ overlapSeconds: z.int().min(0).max(WEEK_SECONDS).default(DAY_SECONDS) }),
    answers: {
      200: z.object({ webhookSecret: z.string(), previousEndsAt: timeField, version: z.int() }),
    },

    async handle({ body: { overlapSeconds } }, { db, transaction, now, newId, principal }) {
      const at = now()
      const known = await secrets.config(db, at)
      const webhookSecret = newSecret()
      const endsAt = new Date(at.getTime() + overlapSeconds * 1000)
      const version = await transaction(async (tx, publish) => {
        const before = (await findSystemConfig(tx, sealing, { forUpdate: true })) ?? known
        const config = {
          ...before,
          version: before.version + 1,
          webhookSecret,
          webhookSecretSince: at,
          // At most two count: a secret that still overlapped ends now.
          previousWebhookSecret: { secret: before.webhookSecret, endsAt },
          updatedAt: at,
          updatedBy: principal!.id,
        }
        await updateSystemConfig(tx, sealing, config)
        publish(configChanged, toldAs(config, newId()))
        return config.version
      })
      return answer(
        200,
        { webhookSecret, previousEndsAt: endsAt.toISOString(), version },
        { 'cache-control': 'no-store' },
      )
    },
  })
}
