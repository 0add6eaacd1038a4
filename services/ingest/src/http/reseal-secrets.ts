import { answer, type RequestContext, route, unavailable } from '@tributary/service-kit'
import { z } from 'zod'
import { listAdapterSecrets, upsertAdapterSecret } from '../store/adapter-secrets.ts'
import { UnsealError } from '../store/sealing.ts'
import { findSystemConfig, updateSystemConfig } from '../store/system-configs.ts'
import type { Intake } from './intake.ts'

/** After it, keys behind the first of `SECRETS_KEY` open nothing any more. */
export function resealSecrets(intake: Intake) {
  return route({
    method: 'POST',
    path: '/api/v1/system-config/reseal',
    summary: 'Seal every secret anew with the first key of SECRETS_KEY, so that the keys after it can be dropped.',
    access: { scope: 'config:write' },
    problems: ['temporarily_unavailable'],
    answers: {
      200: z.object({
        resealed: z.int().min(0).meta({ description: 'How many secrets were sealed anew: all there are.' }),
        keyId: z
          .string()
          .meta({ description: 'Which key seals all of them now: the first 8 hexadecimal digits of its digest.' }),
      }),
    },

    async handle(_input, context) {
      try {
        return answer(200, { resealed: await resealAll(intake, context), keyId: intake.sealing.keyId })
      } catch (error) {
        if (!(error instanceof UnsealError)) throw error
        throw unavailable(`nothing was sealed anew, since a secret cannot be opened: ${error.message}`)
      }
    },
  })
}

/** All of them or none: where one cannot be opened, no key may be dropped. Answers how many there are. */
async function resealAll(
  { secrets, adapterSecrets, sealing }: Intake,
  { db, transaction, now }: RequestContext,
): Promise<number> {
  await secrets.config(db, now())
  await adapterSecrets.storeFirst(db, now())
  return await transaction(async (tx) => {
    const config = await findSystemConfig(tx, sealing, { forUpdate: true })
    // Opening and writing seals anew; nothing else changes, so the version stays.
    if (config) await updateSystemConfig(tx, sealing, config)
    const stored = await listAdapterSecrets(tx, sealing, { forUpdate: true })
    for (const row of stored) await upsertAdapterSecret(tx, sealing, row)
    const counts = stored.map((row) => (row.secret === null ? 0 : 1) + (row.previous === null ? 0 : 1))
    const own = config === null ? 0 : config.previousWebhookSecret === null ? 1 : 2
    return counts.reduce((sum, count) => sum + count, own)
  })
}
