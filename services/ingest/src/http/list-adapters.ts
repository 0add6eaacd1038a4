import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { adapterNames } from '../providers/adapters.ts'
import { listAdapterSecrets } from '../store/adapter-secrets.ts'
import { adapterBody, toAdapterBody } from './adapter-body.ts'
import type { Intake } from './intake.ts'

export function listAdapters({ adapterSecrets, sealing }: Intake) {
  return route({
    method: 'GET',
    path: '/api/v1/system-config/adapters',
    summary: 'Every adapter, and whether it has a secret.',
    access: { scope: 'config:read' },
    answers: { 200: z.object({ items: z.array(adapterBody) }) },

    async handle(_input, { db, now }) {
      await adapterSecrets.storeFirst(db, now())
      const stored = await listAdapterSecrets(db, sealing)
      const items = adapterNames.map((name) =>
        toAdapterBody(
          name,
          stored.find((one) => one.name === name),
        ),
      )
      return answer(200, { items })
    },
  })
}
