import { idField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { listDecisions as findDecisions } from '../store/decision-lists.ts'
import { listRuleNames } from '../store/rule-versions.ts'
import { decisionBody, rulesOf, toDecisionBody } from './decision-body.ts'
import { pageBeforeDecision } from './fields.ts'

export const listDecisions = route({
  method: 'GET',
  path: '/api/v1/decisions',
  summary:
    "What became of senders' events and why, newest event first; userId finds those about a user and whom they referred",
  access: { scope: 'rewards:read' },
  query: z.object({ ...pageQuery, eventId: idField.optional(), userId: idField.optional() }),
  answers: { 200: pageOf(decisionBody) },

  async handle({ query: { limit, cursor, ...filters } }, { db }) {
    const asked = { list: 'decisions', ...filters }
    const before = pageBeforeDecision(cursor, asked)
    const rows = await findDecisions(db, { ...filters, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.eventId, String(row.revision)])
    const names = await listRuleNames(
      db,
      items.flatMap((row) => rulesOf(row).map(({ ruleId }) => ruleId)),
    )
    const nameOf = (ruleId: string) => names.get(ruleId) ?? null
    return answer(200, { items: items.map((row) => toDecisionBody(row, nameOf)), nextCursor })
  },
})
