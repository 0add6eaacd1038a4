import { currencyField, timeField } from '@tributary/contracts'
import { answer, Problem, route } from '@tributary/service-kit'
import { z } from 'zod'
import { readAsOf } from '../store/as-of.ts'
import { findTrialBalance, findTrialBalanceAsRecorded, type TrialBalanceLine } from '../store/trial-balance.ts'
import { instantField, minorUnitsField } from './fields.ts'

const sums = { currency: currencyField, debits: minorUnitsField, credits: minorUnitsField }

export const getTrialBalance = route({
  method: 'GET',
  path: '/api/v1/trial-balance',
  summary: 'Debits, credits and balance of each kind of account in each currency, now or as recorded at an instant.',
  access: { scope: 'ledger:read' },
  query: z.object({ asOf: instantField.optional() }),
  answers: {
    200: z.object({
      asOf: timeField.nullable(),
      balanced: z.boolean(),
      lines: z.array(z.object({ account: z.string(), ...sums, balance: minorUnitsField })),
      totals: z.array(z.object(sums)),
    }),
  },
  problems: ['as_of_in_the_future'],

  async handle({ query: { asOf } }, { db }) {
    const lines =
      asOf === undefined
        ? await findTrialBalance(db)
        : await readAsOf(db, asOf, (tx) => findTrialBalanceAsRecorded(tx, asOf))
    if (lines === null) throw new Problem('as_of_in_the_future')
    const totals = totalsOf(lines)
    const balanced = totals.every(({ debits, credits }) => debits === credits)
    return answer(200, { asOf: asOf ?? null, balanced, lines, totals })
  },
})

function totalsOf(lines: readonly TrialBalanceLine[]) {
  return [...Map.groupBy(lines, ({ currency }) => currency)].map(([currency, of]) => ({
    currency,
    debits: of.reduce((sum, { debits }) => sum + debits, 0n),
    credits: of.reduce((sum, { credits }) => sum + credits, 0n),
  }))
}
