import { z } from 'zod'

/** What rewards reads beyond the variables of every service. */
export const configShape = z.object({
  REWARDS_RELEASE_EVERY_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(3_600_000)
    .default(1_000)
    .describe('How often to look for rewards that are due, in milliseconds.'),
  REWARDS_REFERRAL_EXPIRES_AFTER_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe('Days from registration to the first payment, after which a referral expires. Without it none does.'),
})

export type RewardsConfig = z.output<typeof configShape>
