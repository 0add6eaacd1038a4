import { idField } from '@tributary/contracts'
import { answer, pageOf, pageQuery, route, toPage } from '@tributary/service-kit'
import { z } from 'zod'
import { rewardStatuses } from '../domain/screening.ts'
import { listRewards as findRewards } from '../store/reward-lists.ts'
import { pageBefore } from './fields.ts'
import { rewardBody, toRewardBody } from './reward-body.ts'
import { rewardListExamples } from './reward-examples.ts'

export const listRewards = route({
  method: 'GET',
  path: '/api/v1/rewards',
  summary: 'Rewards, newest first; eventId finds those that an event granted or changed',
  access: { scope: 'rewards:read' },
  query: z.object({
    ...pageQuery,
    userId: idField.optional(),
    status: z.enum(rewardStatuses).optional(),
    eventId: idField.optional(),
  }),
  answers: { 200: pageOf(rewardBody) },
  examples: rewardListExamples,

  async handle({ query: { limit, cursor, ...filters } }, { db, now }) {
    const asked = { list: 'rewards', ...filters }
    const before = pageBefore(cursor, asked)
    const rows = await findRewards(db, { ...filters, before, limit: limit + 1 })
    const { items, nextCursor } = toPage(rows, limit, asked, (row) => [row.id])
    return answer(200, { items: items.map((row) => toRewardBody(row, now())), nextCursor })
  },
})
