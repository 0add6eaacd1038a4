import { configChanged, plans } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findSystemConfig, type SystemConfig, toldAs, updateSystemConfig } from '../store/system-configs.ts'
import type { Intake } from './intake.ts'
import { systemConfigBody, toSystemConfigBody } from './system-config-body.ts'

const change = z.object({
  version: z.int().min(1).optional().meta({ description: 'Refuses the change where the version is another by now.' }),
  plan: z.enum(plans).optional(),
  enterpriseEventsPerMonth: z
    .int()
    .min(0)
    .nullable()
    .optional()
    .meta({ description: 'Counts on Enterprise alone; null for no limit.' }),
})

/** Two changes at the same time take turns on the row: both are made, unless one says which version it was meant for. */
export function changeSystemConfig({ secrets, sealing }: Intake) {
  return route({
    method: 'PATCH',
    path: '/api/v1/system-config',
    summary: 'Change the configuration; what is left out stays. Everyone is told at once.',
    access: { scope: 'config:write' },
    body: change,
    answers: { 200: systemConfigBody },
    problems: ['config_version_conflict'],

    async handle({ body }, { db, transaction, now, newId, principal }) {
      const at = now()
      const known = await secrets.config(db, at)
      const changed = await transaction(async (tx, publish) => {
        const before = (await findSystemConfig(tx, sealing, { forUpdate: true })) ?? known
        const after = changedBy(before, body)
        if (after === before) return before
        const config = { ...after, version: before.version + 1, updatedAt: at, updatedBy: principal!.id }
        await updateSystemConfig(tx, sealing, config)
        publish(configChanged, toldAs(config, newId()))
        return config
      })
      return answer(200, toSystemConfigBody(changed))
    },
  })
}

/** The same object where nothing changes. */
function changedBy(before: SystemConfig, asked: z.output<typeof change>): SystemConfig {
  const { version = before.version, plan = before.plan } = asked
  const { enterpriseEventsPerMonth = before.enterpriseEventsPerMonth } = asked
  if (version !== before.version) {
    throw new Problem('config_version_conflict', { detail: `the configuration is at version ${before.version}` })
  }
  const isSame = plan === before.plan && enterpriseEventsPerMonth === before.enterpriseEventsPerMonth
  return isSame ? before : { ...before, plan, enterpriseEventsPerMonth }
}
