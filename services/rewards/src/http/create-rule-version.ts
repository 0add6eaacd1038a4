import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { insertVersion, listVersions, lockRule } from '../store/rule-versions.ts'
import { doerOf } from './doer.ts'
import { ruleDefinition, ruleVersionBody, storedEventType, toRuleVersionBody } from './rule-body.ts'

export const createRuleVersion = route({
  method: 'POST',
  path: '/api/v1/reward-rules/{id}/versions',
  summary: 'Write the next version of a rule; the one before counts until it is activated',
  access: { scope: 'rules:write' },
  params: z.object({ id: idField }),
  body: ruleDefinition,
  idempotencyKey: 'optional',
  answers: { 201: ruleVersionBody },
  problems: ['not_found', 'rule_state_conflict'],

  async handle({ params: { id }, body: definition }, { transaction, now, principal }) {
    const draft = await transaction(async (tx) => {
      const rule = await lockRule(tx, id)
      if (rule === null) throw new Problem('not_found', { detail: `there is no rule ${id}` })
      if (rule.isRetired) throw new Problem('rule_state_conflict', { detail: 'the rule is retired; make a new rule' })
      const [newest] = await listVersions(tx, id)
      const version = (newest?.version ?? 0) + 1
      const eventType = storedEventType(definition.eventType)
      const doing = { by: doerOf(principal), at: now() }
      return insertVersion(tx, { ruleId: id, version, eventType, definition }, doing)
    })
    return answer(201, toRuleVersionBody(draft))
  },
})
