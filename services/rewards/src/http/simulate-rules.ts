import { amountField, currencyField, idField, referenceField } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import { answer, requireFeatures, route } from '@tributary/service-kit'
import { z } from 'zod'
import { explain, type FaceOf } from '../domain/explanation.ts'
import type { OccasionDecision } from '../domain/occasion.ts'
import { NOBODY } from '../domain/rehearsal.ts'
import type { RuleVersion } from '../domain/rule.ts'
import { rehearse } from '../steps/rehearse.ts'
import { featuresOf } from '../store/rule-features.ts'
import { faceKey, listRuleFaces } from '../store/rule-versions.ts'
import { listRulesFor, type RulesByType, termsOf } from '../store/rules.ts'
import { rewardedTypeField, storedEventType } from './event-type.ts'
import { ruleTimeField, textField } from './fields.ts'
import { ruleDefinition } from './rule-definition.ts'
import { simulationExamples } from './rule-examples.ts'

const event = z.object({
  type: rewardedTypeField,
  timestamp: ruleTimeField.optional(),
  data: z.looseObject({
    externalUserId: referenceField,
    amount: amountField.optional(),
    currency: currencyField.optional(),
    email: textField(320).optional(),
    referralCode: textField(64).optional(),
    touches: z
      .array(z.looseObject({ code: textField(64), at: ruleTimeField }))
      .max(50)
      .optional(),
    invoiceId: referenceField.optional(),
    subscriptionId: referenceField.optional(),
    period: z.int().min(1).max(100_000).optional(),
  }),
})

const simulated = z.object({
  outcome: z.enum(['processed', 'ignored']),
  reason: z.string().nullable(),
  explanation: z.string(),
  rewards: z.array(
    z.object({
      beneficiary: z.enum(['referrer', 'referee']),
      userId: idField,
      amount: z.object({ amount: amountField, currency: currencyField }),
      ruleId: idField,
      ruleVersion: z.int(),
      holdingDays: z.int(),
    }),
  ),
  trace: z.unknown(),
})

/** What does not exist yet has an id of zeros: the rule that was given, a customer who has not registered. */
export const simulateRules = route({
  method: 'POST',
  path: '/api/v1/reward-rules/simulate',
  summary:
    'What an event would earn, as if it happened and were new: by the rules that count, or by the one given; caps are asked and not spent, nothing is stored',
  access: { scope: 'rules:read' },
  body: z.object({ rule: ruleDefinition.optional(), event }),
  answers: { 200: simulated },
  examples: simulationExamples,
  problems: ['plan_required'],

  async handle({ body: { rule, event } }, { db, now }) {
    if (rule !== undefined) await requireFeatures(db, featuresOf(rule))
    const at = event.timestamp === undefined ? now() : new Date(event.timestamp)
    const type = storedEventType(event.type)
    const rules = rule === undefined ? await listRulesFor(db, [type], at) : given(rule, type)
    const decision = await rehearse(db, { type, at, data: event.data, rules })
    const faces = await listRuleFaces(db, decision.kind === 'evaluated' ? decision.evaluation.trace : [])
    if (rule !== undefined) faces.set(faceKey(NOBODY, 1), faceOfGiven(rule))
    return answer(
      200,
      toBody(decision, ({ ruleId, version }) => faces.get(faceKey(ruleId, version)) ?? null),
    )
  },
})

/** The rule that was given, counting at all times; none where it is for another type of event. */
function given(rule: z.output<typeof ruleDefinition>, type: string): RulesByType {
  if (storedEventType(rule.eventType) !== type) return new Map()
  const version: RuleVersion = {
    ruleId: NOBODY,
    version: 1,
    activeFromMs: -8.64e15,
    activeToMs: null,
    trials: [],
    terms: termsOf(rule),
  }
  return new Map([[type, [version]]])
}

function faceOfGiven({ name, currency, reward }: z.output<typeof ruleDefinition>) {
  return { name, currency, tiersBy: reward.kind === 'tiers' ? reward.by : null }
}

function toBody(decision: OccasionDecision, faceOf: FaceOf) {
  const { verdict } = decision
  const rules = decision.kind === 'evaluated' ? decision.evaluation.trace : []
  const explanation = explain({ ...verdict, rules }, faceOf)
  if (decision.kind !== 'evaluated') return { ...verdict, explanation, rewards: [], trace: { rules } }
  const { evaluation, referral } = decision
  const rewards = evaluation.grants.map(({ amount, currency, beneficiary, ruleId, ruleVersion, holdingDays }) => ({
    beneficiary,
    ruleId,
    ruleVersion,
    holdingDays,
    userId: beneficiary === 'referrer' ? referral.referrerId : referral.refereeId,
    amount: { amount, currency: currency as Currency },
  }))
  return { ...verdict, explanation, rewards, trace: { referralId: referral.id, rules } }
}
