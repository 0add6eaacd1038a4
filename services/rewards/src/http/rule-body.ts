import { currencyField, idField, timeField } from '@tributary/contracts'
import { AMOUNT_MAX } from '@tributary/money'
import { z } from 'zod'
import type { StoredVersion } from '../store/rule-versions.ts'
import { ruleTimeField, textField } from './fields.ts'

const amount = z.int().min(1).max(Number(AMOUNT_MAX))
const known = ['user.registered', 'subscription.paid']
const unrewarded = ['payment.refunded', 'payment.disputed', 'subscription.cancelled']

const eventType = z
  .string()
  .max(64)
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+){1,4}$/, { error: 'must be the type of an event, such as subscription.paid' })
  .refine((type) => !unrewarded.includes(type), { error: 'no reward can be earned by this type of event' })

const percent = z.object({ kind: z.literal('percent'), basisPoints: z.int().min(1).max(10_000) })
const fixed = z.object({ kind: z.literal('fixed'), amount, currency: currencyField })

const notYet = (what: string) => ({ error: `${what} not supported yet` })

/** What a rule says, as its author writes it; what is left out gets its default. */
export const ruleDefinition = z
  .object({
    name: textField(200),
    eventType,
    currency: currencyField,
    reward: z.discriminatedUnion('kind', [percent, fixed], {
      error: 'kind must be percent or fixed; tiers are not supported yet',
    }),
    beneficiary: z.enum(['referrer', 'referee']).default('referrer'),
    holdingDays: z.int().min(0).max(3_650).default(0),
    minimumAmount: amount.nullable().default(null),
    validFrom: ruleTimeField.nullable().default(null),
    validTo: ruleTimeField.nullable().default(null),
    attributionDays: z.int().min(1).max(3_650).nullable().default(null),
    priority: z.int().min(-1_000_000).max(1_000_000).default(100),
    stacking: z.enum(['all', 'highestPriority']).default('all'),
    recurring: z.null(notYet('limits on recurring rewards are')).default(null),
    caps: z.array(z.unknown()).max(0, notYet('caps are')).default([]),
    condition: z.null(notYet('conditions are')).default(null),
    mode: z.literal('active', notYet('modes other than active are')).default('active'),
  })
  .superRefine((rule, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (rule.reward.kind === 'fixed' && rule.reward.currency !== rule.currency) {
      refuse(['reward', 'currency'], "must be the rule's currency")
    }
    if (rule.validFrom !== null && rule.validTo !== null && Date.parse(rule.validTo) <= Date.parse(rule.validFrom)) {
      refuse(['validTo'], 'must be after validFrom')
    }
    if (rule.eventType === 'user.registered') {
      if (rule.reward.kind === 'percent') refuse(['reward', 'kind'], 'a registration has no amount to take a share of')
      if (rule.minimumAmount !== null) refuse(['minimumAmount'], 'a registration has no amount')
    }
  })

/** How events find the rule: types of the app's own making travel as `custom.<type>`, rules may name them either way. */
export function storedEventType(type: string): string {
  return known.includes(type) ? type : type.replace(/^custom\./, '')
}

/** One version of a rule, as callers see it. */
export const ruleVersionBody = z.object({
  id: idField,
  version: z.int().min(1),
  status: z.enum(['draft', 'active', 'retired']),
  ...ruleDefinition.shape,
  activeFrom: timeField.nullable(),
  activeTo: timeField.nullable(),
  activatedAt: timeField.nullable(),
  activatedBy: z.string().nullable(),
  createdAt: timeField,
  createdBy: z.string(),
})

export function toRuleVersionBody(row: StoredVersion) {
  const { ruleId, version, state, definition, createdAt, createdBy, activatedBy } = row
  return {
    id: ruleId,
    version,
    status: state,
    ...definition,
    activeFrom: row.activeFrom?.toISOString() ?? null,
    activeTo: row.activeTo?.toISOString() ?? null,
    activatedAt: row.activatedAt?.toISOString() ?? null,
    activatedBy,
    createdAt: createdAt.toISOString(),
    createdBy,
  }
}
