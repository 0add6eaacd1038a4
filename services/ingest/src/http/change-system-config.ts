import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findSystemConfig, plans, updateSystemConfig } from '../store/system-configs.ts'
import type { Intake } from './intake.ts'
import { systemConfigBody, toSystemConfigBody } from './system-config-body.ts'

export function changeSystemConfig({ secrets, sealing }: Intake) {
  return route({
    method: 'PATCH',
    path: '/api/v1/system-config',
    summary: 'Change the configuration; what is left out stays.',
    access: { scope: 'config:write' },
    body: z.object({ plan: z.enum(plans).optional() }),
    answers: { 200: systemConfigBody },

    async handle({ body: { plan } }, { db, transaction, now, principal }) {
      const at = now()
      const known = await secrets.config(db, at)
      const changed = await transaction(async (tx) => {
        const before = (await findSystemConfig(tx, sealing, { forUpdate: true })) ?? known
        if (plan === undefined || plan === before.plan) return before
        const config = { ...before, plan, version: before.version + 1, updatedAt: at, updatedBy: principal!.id }
        await updateSystemConfig(tx, sealing, config)
        return config
      })
      return answer(200, toSystemConfigBody(changed))
    },
  })
}
