import { currencyField, idField } from '@tributary/contracts'
import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import { readAsOf } from '../store/as-of.ts'
import { findBalances, findBalancesAsRecorded, findBalancesInEffect } from '../store/balances.ts'
import { instantProblems, orRefuse } from './as-of.ts'
import { instantField, minorUnitsField, namedIdField } from './fields.ts'

const balanceBody = z.object({
  currency: currencyField,
  pending: minorUnitsField,
  available: minorUnitsField,
  held: minorUnitsField,
  inPayout: minorUnitsField,
  owed: minorUnitsField,
  totalEarned: minorUnitsField.meta({ description: 'Earned less taken back.' }),
})

export const getBalance = route({
  method: 'GET',
  path: '/api/v1/users/{id}/balance',
  summary: "A user's balances in each currency, now or as of any past instant.",
  access: { scope: 'ledger:read' },
  params: z.object({ id: namedIdField }),
  query: z.object({
    currency: currencyField.optional(),
    asOf: instantField.optional(),
    basis: z
      .enum(['recorded', 'effective'])
      .default('recorded')
      .meta({ description: 'Whether `asOf` counts when it was posted, or when it happened outside.' }),
  }),
  answers: { 200: z.object({ userId: idField, balances: z.array(balanceBody) }) },
  examples: {
    answers: {
      200: {
        'Some to spend, some not due yet': {
          userId: '01980f00-1111-7aaa-8bbb-000000000001',
          balances: [
            {
              currency: 'USD',
              pending: 980,
              available: 4_020,
              held: 0,
              inPayout: 0,
              owed: 0,
              totalEarned: 5_000,
            },
          ],
        },
      },
    },
  },
  problems: instantProblems,

  async handle({ params: { id: userId }, query: { currency, asOf, basis } }, { db }) {
    const filter = { userId, currency }
    if (asOf === undefined && basis === 'recorded') {
      return answer(200, { userId, balances: await findBalances(db, filter) })
    }
    const find = basis === 'recorded' ? findBalancesAsRecorded : findBalancesInEffect
    const asked = await readAsOf(db, asOf ?? null, (instant) => find(db, filter, instant))
    return answer(200, { userId, balances: orRefuse(asked).result })
  },
})
