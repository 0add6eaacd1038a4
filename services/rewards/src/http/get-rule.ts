import { idField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { listVersions } from '../store/rule-versions.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'

export const getRule = route({
  method: 'GET',
  path: '/api/v1/reward-rules/{id}',
  summary: 'One rule: its newest version, and all its versions',
  access: { scope: 'rules:read' },
  params: z.object({ id: idField }),
  answers: { 200: z.object({ ...ruleVersionBody.shape, versions: z.array(ruleVersionBody) }) },
  problems: ['not_found'],

  async handle({ params: { id } }, { db }) {
    const versions = (await listVersions(db, id)).map(toRuleVersionBody)
    const [newest] = versions
    if (newest === undefined) throw new Problem('not_found', { detail: `there is no rule ${id}` })
    return answer(200, { ...newest, versions })
  },
})
