import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { User } from '../store/users.ts'

/** A user as callers see them. */
export const userBody = z.object({
  id: idField,
  externalId: z.string().nullable(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: timeField,
  erasedAt: timeField.nullable().meta({ description: 'Since when the rest is gone.' }),
})

export function toUserBody({ createdAt, erasedAt, externalId, ...user }: User): z.output<typeof userBody> {
  return {
    ...user,
    externalId: erasedAt === null ? externalId : null,
    createdAt: createdAt.toISOString(),
    erasedAt: erasedAt?.toISOString() ?? null,
  }
}
