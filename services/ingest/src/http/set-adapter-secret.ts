import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { adapterSecretField } from '../config.ts'
import { adapterNames } from '../providers/adapters.ts'
import { type AdapterSecret, listAdapterSecrets, upsertAdapterSecret } from '../store/adapter-secrets.ts'
import { adapterBody, toAdapterBody } from './adapter-body.ts'
import type { Intake } from './intake.ts'

const WEEK_SECONDS = 604_800
const DAY_SECONDS = 86_400

/** Given by the provider, unlike the webhook secret, so it is set and not made. */
export function setAdapterSecret({ adapterSecrets, sealing }: Intake) {
  return route({
    method: 'PUT',
    path: '/api/v1/system-config/adapters/{name}',
    summary: 'Set the secret that a provider signs with; it is never answered. null switches the adapter off.',
    access: { scope: 'config:write' },
    params: z.object({ name: z.enum(adapterNames as [string, ...string[]]) }),
    body: z.object({
      secret: adapterSecretField.nullable(),
      overlapSeconds: z.int().min(0).max(WEEK_SECONDS).default(DAY_SECONDS).meta({
        description: 'For how long the secret before this one counts, too.',
      }),
    }),
    answers: { 200: adapterBody },

    async handle({ params: { name }, body: { secret, overlapSeconds } }, { db, transaction, now, principal }) {
      const at = now()
      await adapterSecrets.storeFirst(db, at)
      const row = await transaction(async (tx) => {
        const before = (await listAdapterSecrets(tx, sealing, { forUpdate: true })).find((one) => one.name === name)
        const next = nextSecret(name, before, { secret, since: at, overlapSeconds, updatedBy: principal!.id })
        await upsertAdapterSecret(tx, sealing, next)
        return next
      })
      return answer(200, toAdapterBody(name, row), { 'cache-control': 'no-store' })
    },
  })
}

type Change = Readonly<{ secret: string | null; since: Date; overlapSeconds: number; updatedBy: string }>

/** The same secret set again keeps what there is. At most two count: one that still overlapped ends. */
function nextSecret(
  name: string,
  before: AdapterSecret | undefined,
  { secret, since, overlapSeconds, updatedBy }: Change,
): AdapterSecret {
  if (before && before.secret === secret) return before
  const last = secret === null ? null : (before?.secret ?? null)
  const endsAt = new Date(since.getTime() + overlapSeconds * 1000)
  return { name, secret, since, previous: last === null ? null : { secret: last, endsAt }, updatedBy }
}
