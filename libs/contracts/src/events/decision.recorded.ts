import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { idField, reasonField } from '../fields.ts'

/** Published by rewards; once for each sender's event, and again when what it waited for has come: a registration, a payment. */
export const decisionRecorded = defineEvent({
  type: 'decision.recorded',
  description: "What became of a sender's event, also when nothing was earned.",
  data: z.object({
    decisionId: idField,
    /** The sender's event that was decided. */
    eventId: idField,
    outcome: z.enum(['processed', 'ignored']),
    /** Why it was ignored; null when processed. */
    reason: reasonField.nullable(),
    /** Rewards granted or changed by it. */
    rewardIds: z.array(idField).max(100),
    /** 1 for the first answer; a later answer to the same event has a higher one, and the highest counts. */
    revision: z.int().min(1),
  }),
})
