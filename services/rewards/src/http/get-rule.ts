import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { listRuleChanges } from '../store/rule-changes.ts'
import { listVersions } from '../store/rule-versions.ts'
import { ruleChangeBody, ruleVersionBody, toRuleChangeBody, toRuleVersionBody } from './rule-body.ts'

export const getRule = route({
  method: 'GET',
  path: '/api/v1/reward-rules/{id}',
  summary: 'One rule: its newest version, all its versions, and who did what to it when and why',
  access: { scope: 'rules:read' },
  params: z.object({ id: idField }),
  answers: {
    200: z.object({
      ...ruleVersionBody.shape,
      versions: z.array(ruleVersionBody),
      history: z.array(ruleChangeBody).meta({ description: 'The newest first.' }),
    }),
  },
  problems: ['not_found'],

  async handle({ params: { id } }, { db, now }) {
    const at = now()
    const versions = (await listVersions(db, id)).map((version) => toRuleVersionBody(version, at))
    const [newest] = versions
    if (newest === undefined) throw new Problem('not_found', { detail: `there is no rule ${id}` })
    const history = (await listRuleChanges(db, id)).map(toRuleChangeBody)
    return answer(200, { ...newest, versions, history })
  },
})
