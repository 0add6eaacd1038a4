import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { idField, referenceField } from '../fields.ts'

/** Published by rewards. */
export const memberCreated = defineEvent({
  type: 'member.created',
  description: 'A person who can earn is known from now on.',
  data: z.object({ userId: idField, externalUserId: referenceField }),
})
