import { idField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import type { FaceOf } from '../domain/explanation.ts'
import { listDecisions as findDecisions } from '../store/decision-lists.ts'
import { faceKey, listRuleFaces } from '../store/rule-versions.ts'
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
    const faces = await listRuleFaces(db, items.flatMap(rulesOf))
    const faceOf: FaceOf = ({ ruleId, version }) => faces.get(faceKey(ruleId, version)) ?? null
    return answer(200, { items: items.map((row) => toDecisionBody(row, faceOf)), nextCursor })
  },
})
