import { answer, requireFeatures, route } from '@tributary/service-kit'
import { insertRule, insertRuleChange } from '../store/rule-changes.ts'
import { featuresOf } from '../store/rule-features.ts'
import { insertVersion } from '../store/rule-versions.ts'
import { doerOf } from './doer.ts'
import { storedEventType } from './event-type.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'
import { ruleDefinition } from './rule-definition.ts'
import { ruleExamples } from './rule-examples.ts'

export const createRule = route({
  method: 'POST',
  path: '/api/v1/reward-rules',
  summary: 'Create a rule; it counts once it is activated',
  access: { scope: 'rules:write' },
  body: ruleDefinition,
  idempotencyKey: 'optional',
  answers: { 201: ruleVersionBody },
  examples: ruleExamples,
  problems: ['plan_required'],

  async handle({ body: definition }, { transaction, newId, now, principal }) {
    const doing = { by: doerOf(principal), at: now(), reason: null }
    const ruleId = newId()
    const eventType = storedEventType(definition.eventType)
    const draft = await transaction(async (tx) => {
      await requireFeatures(tx, featuresOf(definition))
      await insertRule(tx, ruleId, doing)
      await insertRuleChange(tx, ruleId, { id: newId(), version: 1, change: 'drafted', from: null, ...doing })
      return insertVersion(tx, { ruleId, version: 1, eventType, definition }, doing)
    })
    return answer(201, toRuleVersionBody(draft, doing.at))
  },
})
