import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { idField, reasonField } from '../fields.ts'

/** Published by ledger. */
export const transferRefused = defineEvent({
  type: 'transfer.refused',
  description: 'The ledger refused a movement for good; the reason is frozen with the cause.',
  data: z.object({ causeId: idField, reason: reasonField }),
})
