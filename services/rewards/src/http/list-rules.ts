import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listRules as findRules } from '../store/rule-versions.ts'
import { pageBefore } from './fields.ts'
import { ruleVersionBody, toRuleVersionBody } from './rule-body.ts'

export const listRules = route({
  method: 'GET',
  path: '/api/v1/reward-rules',
  summary: 'Rules, newest first, each in its newest version',
  access: { scope: 'rules:read' },
  query: z.object(pageQuery),
  answers: { 200: pageOf(ruleVersionBody) },

  async handle({ query: { limit, cursor } }, { db, now }) {
    const asked = { list: 'rules' }
    const before = pageBefore(cursor, asked)
    const rows = await findRules(db, { before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.ruleId])
    return answer(200, { items: items.map((version) => toRuleVersionBody(version, now())), nextCursor })
  },
})
