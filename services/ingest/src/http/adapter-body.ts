import { timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { AdapterSecret } from '../store/adapter-secrets.ts'

/** An adapter as callers see it: never with a secret. */
export const adapterBody = z.object({
  name: z.string(),
  path: z.string().meta({ description: "What to enter as the webhook's address at the provider, after this host." }),
  configured: z.boolean().meta({ description: 'Whether it has a secret; without one it answers 404.' }),
  since: timeField.nullable(),
  previousEndsAt: timeField.nullable().meta({ description: 'Until then the secret before this one counts, too.' }),
  updatedBy: z.string().nullable(),
})

export function toAdapterBody(name: string, stored: AdapterSecret | undefined): z.output<typeof adapterBody> {
  return {
    name,
    path: `/api/v1/webhooks/${name}`,
    configured: stored !== undefined && stored.secret !== null,
    since: stored?.since.toISOString() ?? null,
    previousEndsAt: stored?.previous?.endsAt.toISOString() ?? null,
    updatedBy: stored?.updatedBy ?? null,
  }
}
