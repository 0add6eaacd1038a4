import { plans, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { quotaOf, type SystemConfig } from '../store/system-configs.ts'

/** The configuration as callers see it: never with a secret. */
export const systemConfigBody = z.object({
  version: z.int().min(1).meta({ description: 'Grows with every change.' }),
  plan: z.enum(plans),
  eventsPerMonth: z
    .int()
    .nullable()
    .meta({ description: 'How many events of a month are published at once, on this plan; null for no limit.' }),
  enterpriseEventsPerMonth: z.int().nullable().meta({ description: 'The same as configured for Enterprise.' }),
  webhookSecret: z.object({
    since: timeField,
    previousEndsAt: timeField.nullable().meta({ description: 'Until then the secret before this one counts, too.' }),
  }),
  updatedAt: timeField,
  updatedBy: z.string(),
})

export function toSystemConfigBody(config: SystemConfig): z.output<typeof systemConfigBody> {
  return {
    version: config.version,
    plan: config.plan,
    eventsPerMonth: quotaOf(config),
    enterpriseEventsPerMonth: config.enterpriseEventsPerMonth,
    webhookSecret: {
      since: config.webhookSecretSince.toISOString(),
      previousEndsAt: config.previousWebhookSecret?.endsAt.toISOString() ?? null,
    },
    updatedAt: config.updatedAt.toISOString(),
    updatedBy: config.updatedBy,
  }
}
