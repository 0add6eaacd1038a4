import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { timeField } from '../fields.ts'
import { plans } from '../plans.ts'

/**
 * Published by ingest on every change, and again now and then for those who joined later. It carries all of the
 * configuration but its secrets, so whoever hears any of them knows it; the highest version counts.
 */
export const configChanged = defineEvent({
  type: 'config.changed',
  description: 'The configuration as it is now, without its secrets; the highest version counts.',
  data: z.object({
    version: z.int().min(1),
    plan: z.enum(plans),
    /** How many events of a month are published at once; null for no limit. */
    eventsPerMonth: z.int().min(0).nullable(),
    changedAt: timeField,
  }),
})
