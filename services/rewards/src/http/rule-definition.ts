import { currencyField } from '@tributary/contracts'
import { AMOUNT_MAX } from '@tributary/money'
import { z } from 'zod'
import { CONDITION_LENGTH_MAX } from '../cel.ts'
import { isTimeZone } from '../domain/calendar.ts'
import { rewardedTypeField } from './event-type.ts'
import { ruleTimeField, textField } from './fields.ts'
import { checkRule } from './rule-checks.ts'

const amount = z.int().min(1).max(Number(AMOUNT_MAX))
/** Ten times the payment; above that it is a slip of the pen even where more than all of it is meant. */
const basisPoints = z.int().min(1).max(100_000)
const allowOver100Percent = z.boolean().default(false)

/** It may have several lines. */
const conditionField = z
  .string()
  .max(CONDITION_LENGTH_MAX)
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\r\n])*$/u, { error: 'must not contain control characters' })

const percent = z.object({ kind: z.literal('percent'), basisPoints, allowOver100Percent })
const fixed = z.object({ kind: z.literal('fixed'), amount, currency: currencyField })
const tier = z.object({
  from: z.int().min(0).max(Number(AMOUNT_MAX)),
  basisPoints: basisPoints.optional(),
  amount: amount.optional(),
})
const tiers = z.object({
  kind: z.literal('tiers'),
  by: z.enum(['conversions', 'amount']),
  tiers: z.array(tier).min(1).max(50),
  allowOver100Percent,
})

const cap = z.object({
  per: z.enum(['user', 'rule', 'referral']),
  interval: z.enum(['day', 'month', 'total']),
  amount: amount.optional(),
  count: z.int().min(1).max(1_000_000_000).optional(),
})

/** What a rule says, as its author writes it; what is left out gets its default. */
export const ruleDefinition = z
  .object({
    name: textField(200),
    eventType: rewardedTypeField,
    currency: currencyField,
    reward: z.discriminatedUnion('kind', [percent, fixed, tiers], { error: 'kind must be percent, fixed or tiers' }),
    beneficiary: z.enum(['referrer', 'referee']).default('referrer'),
    holdingDays: z.int().min(0).max(3_650).default(0),
    recurring: z
      .object({ periods: z.int().min(1).max(100_000) })
      .nullable()
      .default(null),
    minimumAmount: amount.nullable().default(null),
    caps: z.array(cap).max(10).default([]),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, { error: 'must be a time zone, such as UTC or Europe/Berlin' })
      .default('UTC')
      .meta({ description: 'Whose days and months the caps count in.' }),
    validFrom: ruleTimeField.nullable().default(null),
    validTo: ruleTimeField.nullable().default(null),
    attributionDays: z.int().min(1).max(3_650).nullable().default(null),
    condition: conditionField.nullable().default(null).meta({
      description:
        'CEL over event, referrer, referee, referral and invoice; what an event does not tell leaves it unmet.',
    }),
    priority: z.int().min(-1_000_000).max(1_000_000).default(100),
    stacking: z.enum(['all', 'highestPriority']).default('all'),
    mode: z.enum(['active', 'shadow']).default('active'),
  })
  .superRefine((rule, context) => {
    for (const { path, message } of checkRule(rule)) context.addIssue({ code: 'custom', path: [...path], message })
  })
