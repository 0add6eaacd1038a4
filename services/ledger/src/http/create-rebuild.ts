import { timeField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { rebuildAside } from '../store/rebuild.ts'
import { countField } from './fields.ts'

/** Rows as the database has them: for an operator to look at, who sees every column. */
const row = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable()

/** Answers when all is computed: seconds for each million transfers. */
export const createRebuild = route({
  method: 'POST',
  path: '/api/v1/rebuilds',
  summary: 'Computes balances and positions anew from the transfers, beside those in use, and shows where they differ.',
  access: { scope: 'ledger:verify' },
  body: z.object({}).optional(),
  answers: {
    200: z.object({
      ok: z.boolean(),
      startedAt: timeField,
      finishedAt: timeField,
      computed: z.object({ balances: countField, rewardPositions: countField, cashoutPositions: countField }),
      differing: countField,
      differences: z.array(
        z.object({
          projection: z.enum(['balances', 'reward_positions', 'cashout_positions']),
          id: z.string(),
          was: row.meta({ description: 'What is kept; null where it is missing.' }),
          computed: row.meta({ description: 'What the transfers say; null where there should be nothing.' }),
        }),
      ),
    }),
  },

  async handle(_input, { db, now }) {
    const startedAt = now().toISOString()
    const found = await rebuildAside(db)
    return answer(200, { ok: found.differing === 0, startedAt, finishedAt: now().toISOString(), ...found })
  },
})
