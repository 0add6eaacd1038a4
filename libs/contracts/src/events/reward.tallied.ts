import { z } from 'zod'
import { defineEvent } from '../event.ts'
import { amountOrZeroField, currencyField, idField } from '../fields.ts'

/** Published by rewards, once for each day (UTC) that has ended; a day on which nothing happened has no lines. */
export const rewardTallied = defineEvent({
  type: 'reward.tallied',
  description:
    'How many reward transactions a day had, and their sum: whoever acted on them can prove that none was lost.',
  data: z.object({
    tallyId: idField,
    /** A transaction belongs to the day that is inside its id, a UUIDv7. */
    day: z.iso.date(),
    lines: z
      .array(
        z.object({
          kind: z.enum(['earned', 'released', 'held', 'resumed', 'reversed']),
          currency: currencyField,
          count: z.int().min(1),
          amount: amountOrZeroField,
        }),
      )
      .max(5_000),
  }),
})
