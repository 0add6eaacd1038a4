import { idField } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findLatestDecision } from '../store/decision-lists.ts'
import { listHolds } from '../store/holds.ts'
import { listRefusals } from '../store/refusals.ts'
import { findReward } from '../store/reward-lists.ts'
import { listTransactions } from '../store/reward-transactions.ts'
import { rewardBody, toRewardBody } from './reward-body.ts'
import { rewardExamples } from './reward-examples.ts'
import {
  holdBody,
  refusalBody,
  toHoldBody,
  toRefusalBody,
  toTransactionBody,
  transactionBody,
} from './reward-history-body.ts'

export const getReward = route({
  method: 'GET',
  path: '/api/v1/rewards/{id}',
  summary: 'One reward, with every movement of its money, who held it, and why it was granted',
  access: { scope: 'rewards:read' },
  params: z.object({ id: idField }),
  answers: {
    200: z.object({
      ...rewardBody.shape,
      transactions: z.array(transactionBody),
      holdHistory: z.array(holdBody),
      refusals: z.array(refusalBody),
      trace: z.unknown(),
    }),
  },
  examples: rewardExamples,
  problems: ['not_found'],

  async handle({ params: { id } }, { db, now }) {
    const reward = await findReward(db, id)
    if (reward === null) throw new Problem('not_found', { detail: `there is no reward ${id}` })
    const transactions = await listTransactions(db, id)
    const decision = await findLatestDecision(db, reward.eventId)
    return answer(200, {
      ...toRewardBody(reward, now()),
      transactions: transactions.map((one) => toTransactionBody(one, reward.currency as Currency)),
      holdHistory: (await listHolds(db, id)).map(toHoldBody),
      refusals: (await listRefusals(db, id)).map(toRefusalBody),
      trace: decision?.trace ?? null,
    })
  },
})
