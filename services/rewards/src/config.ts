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
})

export type RewardsConfig = z.output<typeof configShape>
