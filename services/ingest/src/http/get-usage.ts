import { plans, timeField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { monthOf, nextMonth } from '../domain/quota.ts'
import { quotaOf } from '../store/system-configs.ts'
import { findUsage, listWaitingMonths } from '../store/usage.ts'
import type { Intake } from './intake.ts'

export function getUsage({ secrets }: Intake) {
  return route({
    method: 'GET',
    path: '/api/v1/usage',
    summary: 'How much of the plan is used this month, and what waits.',
    access: { scope: 'config:read' },
    answers: {
      200: z.object({
        plan: z.enum(plans),
        quota: z
          .int()
          .nullable()
          .meta({ description: 'Events that are published at once in a month; null: no limit.' }),
        used: z.int().meta({ description: 'Events accepted this month, as far as they count; those that wait, too.' }),
        deferred: z.int().meta({ description: 'Events over the quota that were not published yet, of all months.' }),
        month: z.string().meta({ examples: ['2026-03'] }),
        resetsAt: timeField,
      }),
    },

    async handle(_input, { db, now }) {
      const at = now()
      const config = await secrets.config(db, at)
      const { used } = await findUsage(db, monthOf(at))
      const waiting = await listWaitingMonths(db)
      return answer(200, {
        plan: config.plan,
        quota: quotaOf(config),
        used,
        deferred: waiting.reduce((sum, one) => sum + one.waiting, 0),
        month: monthOf(at).slice(0, 7),
        resetsAt: nextMonth(at).toISOString(),
      })
    },
  })
}
