import { Problem } from '@tributary/service-kit'
import { z } from 'zod'
import type { Period } from '../store/reports.ts'
import { ruleTimeField } from './fields.ts'

/** Ten years: whoever asks for more has mistyped a year. */
const DAYS_MAX = 3_660
const DAY_MS = 86_400_000

export const periodQuery = {
  from: ruleTimeField
    .optional()
    .meta({ description: 'The first instant that counts; 365 days before `to` if left out.' }),
  to: ruleTimeField.optional().meta({ description: 'The first instant that does not count; now if left out.' }),
}

export const periodBody = { from: z.string(), to: z.string() }

/** The period asked for. Throws a Problem where it ends before it begins, or is longer than ten years. */
export function periodOf(asked: { from?: string | undefined; to?: string | undefined }, now: Date): Period {
  const to = asked.to === undefined ? now : new Date(asked.to)
  const from = asked.from === undefined ? new Date(to.getTime() - 365 * DAY_MS) : new Date(asked.from)
  const days = (to.getTime() - from.getTime()) / DAY_MS
  if (days > 0 && days <= DAYS_MAX) return { from, to }
  const message = days > 0 ? `a report is of at most ${DAYS_MAX} days` : 'must be after from'
  throw new Problem('payload_invalid', { errors: [{ path: '/query/to', message }] })
}
