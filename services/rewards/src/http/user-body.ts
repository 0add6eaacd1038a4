import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { User } from '../store/users.ts'

/** A user as callers see them. */
export const userBody = z.object({
  id: idField,
  externalId: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: timeField,
})

export function toUserBody({ createdAt, ...user }: User): z.output<typeof userBody> {
  return { ...user, createdAt: createdAt.toISOString() }
}
