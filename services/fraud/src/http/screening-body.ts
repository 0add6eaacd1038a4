import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { decisions, subjects } from '../domain/screening.ts'
import type { StoredScreening } from '../store/screenings.ts'

/** A screening as callers see it. */
export const screeningBody = z.object({
  id: idField,
  subject: z.enum(subjects),
  subjectId: idField,
  revision: z.int().min(1).meta({ description: 'A subject may be screened again; the highest revision counts.' }),
  status: z.enum(decisions),
  at: timeField,
})

export function toScreeningBody({ decision, at, ...rest }: StoredScreening): z.output<typeof screeningBody> {
  return { ...rest, status: decision, at: at.toISOString() }
}
