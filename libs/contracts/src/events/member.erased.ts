import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { idField, referenceField } from '../fields.ts'

/**
 * Published by rewards. Whoever keeps what a sender told about this person removes it: bodies of webhooks, addresses,
 * devices. Ids of ours and amounts stay. The external id is said one last time, since others find the person by it.
 */
export const memberErased = defineEvent({
  type: 'member.erased',
  description: "A person's data was removed, and has to be wherever it is kept; the money's history stays.",
  data: z.object({ userId: idField, externalUserId: referenceField }),
})
