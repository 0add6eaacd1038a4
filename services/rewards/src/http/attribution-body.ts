import { timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { AttributionSettings } from '../store/attribution-settings.ts'

/** As long as any programme; the database refuses more. */
const DAYS_MAX = 3_650

const days = z.int().min(1).max(DAYS_MAX).nullable()

/** What people may say of attribution. */
export const attributionTerms = z.object({
  model: z.enum(['first', 'last']).meta({ description: 'Which of the touches that may count does.' }),
  touchDays: days.meta({ description: 'From the touch to the registration; null for however long ago.' }),
  paymentDays: days.meta({ description: 'From the registration to the first payment; null for however late.' }),
})

/** What counts or counted, and who said so. */
export const attributionBody = attributionTerms.extend({
  version: z.int().meta({ description: '0 until somebody has said anything.' }),
  activeFrom: timeField.nullable(),
  reason: z.string().nullable(),
  doneBy: z.string().nullable(),
  doneAt: timeField.nullable(),
})

export function toAttributionBody({ activeFrom, doneAt, ...settings }: AttributionSettings) {
  return { ...settings, activeFrom: activeFrom.toISOString(), doneAt: doneAt.toISOString() }
}
