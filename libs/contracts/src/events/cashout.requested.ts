import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { cashoutMovement } from './cashout.ts'

/** Published by payouts. The ledger answers with transfer.posted.reserve or transfer.refused. */
export const cashoutRequested = defineEvent({
  type: 'cashout.requested',
  description: 'A user asked for their money; the ledger sets it aside, or refuses.',
  data: z.object(cashoutMovement),
})
