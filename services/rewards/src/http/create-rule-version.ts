import { idField } from '@tributary/contracts'
import { answer, Problem, requireFeatures, route } from '@tributary/service-kit'
import { z } from 'zod'
import { insertRuleChange, lockRule } from '../store/rule-changes.ts'
import { featuresOf } from '../store/rule-features.ts'
import { insertVersion, listVersions } from '../store/rule-versions.ts'
import { doerOf } from './doer.ts'
import { storedEventType } from './event-type.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'
import { ruleDefinition } from './rule-definition.ts'

export const createRuleVersion = route({
  method: 'POST',
  path: '/api/v1/reward-rules/{id}/versions',
  summary: 'Write the next version of a rule; the one before counts until it is activated',
  access: { scope: 'rules:write' },
  params: z.object({ id: idField }),
  body: ruleDefinition,
  idempotencyKey: 'optional',
  answers: { 201: ruleVersionBody },
  problems: ['plan_required', 'not_found', 'rule_state_conflict'],

  async handle({ params: { id }, body: definition }, { transaction, newId, now, principal }) {
    const doing = { by: doerOf(principal), at: now(), reason: null }
    const draft = await transaction(async (tx) => {
      await requireFeatures(tx, featuresOf(definition))
      const rule = await lockRule(tx, id)
      if (rule === null) throw new Problem('not_found', { detail: `there is no rule ${id}` })
      if (rule.isRetired) throw new Problem('rule_state_conflict', { detail: 'the rule is retired; make a new rule' })
      const [newest] = await listVersions(tx, id)
      const eventType = storedEventType(definition.eventType)
      if (newest !== undefined && newest.eventType !== eventType) {
        const detail = `the rule is for ${newest.eventType}; its versions share its caps, so make a new rule for ${eventType}`
        throw new Problem('rule_state_conflict', { detail })
      }
      const version = (newest?.version ?? 0) + 1
      await insertRuleChange(tx, id, { id: newId(), version, change: 'drafted', from: null, ...doing })
      return insertVersion(tx, { ruleId: id, version, eventType, definition }, doing)
    })
    return answer(201, toRuleVersionBody(draft, doing.at))
  },
})
