import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { insertRuleChange, lockRule, retireRule as retire } from '../store/rule-changes.ts'
import { listVersions } from '../store/rule-versions.ts'
import { doerOf } from './doer.ts'
import { wordsField } from './fields.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'

export const retireRule = route({
  method: 'POST',
  path: '/api/v1/reward-rules/{id}/retire',
  summary: 'End a rule: it counts for no event from now on; what it granted stays',
  access: { scope: 'rules:write' },
  params: z.object({ id: idField }),
  body: z.object({ reason: wordsField(500).optional() }).optional(),
  idempotencyKey: 'optional',
  answers: { 200: ruleVersionBody },
  problems: ['not_found', 'rule_state_conflict'],

  async handle({ params: { id }, body }, { transaction, newId, now, principal }) {
    const doing = { by: doerOf(principal), at: now(), reason: body?.reason ?? null }
    const newest = await transaction(async (tx) => {
      const rule = await lockRule(tx, id)
      if (rule === null) throw new Problem('not_found', { detail: `there is no rule ${id}` })
      if (rule.isRetired) throw new Problem('rule_state_conflict', { detail: 'the rule is retired already' })
      await retire(tx, id, doing)
      await insertRuleChange(tx, id, { id: newId(), version: null, change: 'retired', from: doing.at, ...doing })
      const [version] = await listVersions(tx, id)
      return version!
    })
    return answer(200, toRuleVersionBody(newest, doing.at))
  },
})
