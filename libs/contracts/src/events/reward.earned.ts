import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { idField, timeField } from '../fields.ts'
import { rewardMovement } from './reward.ts'

/** Published by rewards. The envelope's time is when the sender's event happened. */
export const rewardEarned = defineEvent({
  type: 'reward.earned',
  description: 'A rule granted somebody a reward; it waits out its holding period.',
  data: z.object({
    ...rewardMovement,
    beneficiary: z.enum(['referrer', 'referee']),
    ruleId: idField,
    ruleVersion: z.int().min(1),
    /** `invoice:<invoiceId>`, `registration:<externalUserId>` or `webhook:<source>:<webhookId>`. */
    cause: z.string().min(1).max(300),
    /** When the holding period ends. */
    dueAt: timeField,
  }),
})
