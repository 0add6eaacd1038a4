import { amountField, currencyField, idField, referenceField } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import type { Currency } from '@tributary/money'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { decideOccasion, type OccasionDecision } from '../domain/occasion.ts'
import { codeKey } from '../domain/referral-code.ts'
import { NOBODY, rehearseRegistration } from '../domain/rehearsal.ts'
import type { RuleVersion } from '../domain/rule.ts'
import { findReferee } from '../store/referees.ts'
import { listCodeOwners } from '../store/referral-codes.ts'
import { listRulesFor, termsOf } from '../store/rules.ts'
import { ruleTimeField, textField } from './fields.ts'
import { ruleDefinition, storedEventType } from './rule-body.ts'

const event = z.object({
  type: textField(64),
  timestamp: ruleTimeField.optional(),
  data: z.looseObject({
    externalUserId: referenceField,
    amount: amountField.optional(),
    currency: currencyField.optional(),
    email: textField(320).optional(),
    referralCode: textField(64).optional(),
  }),
})

const simulated = z.object({
  outcome: z.enum(['processed', 'ignored']),
  reason: z.string().nullable(),
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
    'What an event would earn, as if it happened and were new: by the rules that count, or by the one given; nothing is stored',
  access: { scope: 'rules:read' },
  body: z.object({ rule: ruleDefinition.optional(), event }),
  answers: { 200: simulated },

  async handle({ body: { rule, event } }, { db, now }) {
    const at = event.timestamp === undefined ? now() : new Date(event.timestamp)
    const type = storedEventType(event.type)
    const rules = rule === undefined ? ((await listRulesFor(db, [type], at)).get(type) ?? []) : given(rule, type)
    const decision = await rehearse(db, type, at, event.data, rules)
    return answer(200, toBody(decision))
  },
})

/** The rule that was given, counting at all times; none where it is for another type of event. */
function given(rule: z.output<typeof ruleDefinition>, type: string): RuleVersion[] {
  if (storedEventType(rule.eventType) !== type) return []
  return [{ ruleId: NOBODY, version: 1, activeFromMs: -8.64e15, activeToMs: null, terms: termsOf(rule) }]
}

async function rehearse(
  db: Database,
  type: string,
  at: Date,
  data: z.output<typeof event>['data'],
  rules: readonly RuleVersion[],
): Promise<OccasionDecision> {
  const referee = await findReferee(db, data.externalUserId)
  const { amount = null, currency = null, email = null, referralCode = null } = data
  const timeMs = at.getTime()
  if (type !== 'user.registered') return decideOccasion(referee, { timeMs, amount, currency }, rules)
  const owners = await listCodeOwners(db, referralCode === null ? [] : [referralCode])
  const owner = referralCode === null ? undefined : owners.get(codeKey(referralCode))
  return rehearseRegistration(referee, { email, referralCode, timeMs }, owner, rules)
}

function toBody(decision: OccasionDecision) {
  const { verdict } = decision
  if (decision.kind !== 'evaluated') return { ...verdict, rewards: [], trace: { rules: [] } }
  const { evaluation, referral } = decision
  const rewards = evaluation.grants.map(({ amount, currency, ...grant }) => ({
    ...grant,
    userId: grant.beneficiary === 'referrer' ? referral.referrerId : referral.refereeId,
    amount: { amount, currency: currency as Currency },
  }))
  return { ...verdict, rewards, trace: { referralId: referral.id, rules: evaluation.trace } }
}
