import { currencyField, timeField } from '@tributary/contracts'
import { answer, type Cell, prefersCsv, route } from '@tributary/service-kit'
import { z } from 'zod'
import { readAsOf } from '../store/as-of.ts'
import { findTrialBalance, findTrialBalanceAsRecorded, type TrialBalanceLine } from '../store/trial-balance.ts'
import { instantProblems, orRefuse } from './as-of.ts'
import { instantField, sumField } from './fields.ts'

const sums = { currency: currencyField, debits: sumField, credits: sumField }

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
      lines: z.array(z.object({ account: z.string(), ...sums, balance: sumField })),
      totals: z.array(z.object(sums)),
    }),
  },
  csv: 'A line for each kind of account in each currency, then one `total` for each currency, whose debits equal its credits.',
  examples: {
    answers: {
      200: {
        'One reward was earned': {
          asOf: null,
          balanced: true,
          lines: [
            { account: 'user:pending', currency: 'USD', debits: 0, credits: 980, balance: 980 },
            { account: 'program:expense', currency: 'USD', debits: 980, credits: 0, balance: -980 },
          ],
          totals: [{ currency: 'USD', debits: 980, credits: 980 }],
        },
      },
    },
  },
  problems: instantProblems,

  async handle({ query: { asOf }, request }, { db }) {
    const lines =
      asOf === undefined
        ? await findTrialBalance(db)
        : orRefuse(await readAsOf(db, asOf, (instant) => findTrialBalanceAsRecorded(db, instant))).result
    const totals = totalsOf(lines)
    if (prefersCsv(request)) return { status: 200, filename: 'trial-balance.csv', lines: csvLines(lines, totals) }
    const balanced = totals.every(({ debits, credits }) => debits === credits)
    return answer(200, { asOf: asOf ?? null, balanced, lines, totals })
  },
})

type Totals = Pick<TrialBalanceLine, 'currency' | 'debits' | 'credits'>

function totalsOf(lines: readonly TrialBalanceLine[]): Totals[] {
  return [...Map.groupBy(lines, ({ currency }) => currency)].map(([currency, of]) => ({
    currency,
    debits: of.reduce((sum, { debits }) => sum + debits, 0n),
    credits: of.reduce((sum, { credits }) => sum + credits, 0n),
  }))
}

function csvLines(lines: readonly TrialBalanceLine[], totals: readonly Totals[]): Cell[][] {
  return [
    ['account', 'currency', 'debits', 'credits', 'balance'],
    ...lines.map(({ account, currency, debits, credits, balance }) => [account, currency, debits, credits, balance]),
    ...totals.map(({ currency, debits, credits }) => ['total', currency, debits, credits, null]),
  ]
}
