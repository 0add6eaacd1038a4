import { currencyField, timeField } from '@tributary/contracts'
import { answer, type Cell, prefersCsv, route } from '@tributary/service-kit'
import { z } from 'zod'
import { readAsOf } from '../store/as-of.ts'
import { findLiability, LIABILITY_DAYS, type LiabilityLine } from '../store/liability.ts'
import { instantProblems, orRefuse } from './as-of.ts'
import { instantField, sumField } from './fields.ts'

const ages = ['days0To30', 'days31To60', 'days61To90', 'days91To365', 'over365'] as const

const lineBody = z.object({
  account: z.string(),
  currency: currencyField,
  balance: sumField.meta({
    description: 'The sum of the ages; equal to the trial balance at the same instant.',
  }),
  days0To30: sumField,
  days31To60: sumField,
  days61To90: sumField,
  days91To365: sumField,
  over365: sumField,
})

const totalBody = z.object({
  currency: currencyField,
  toUsers: sumField.meta({ description: 'Pending, available, held and in payout.' }),
  fromUsers: sumField.meta({ description: 'What users owe.' }),
  toProviders: sumField.meta({ description: 'Paid out by providers and not settled with them yet.' }),
  total: sumField.meta({ description: '`toUsers` less `fromUsers` plus `toProviders`.' }),
})

export const getLiability = route({
  method: 'GET',
  path: '/api/v1/liability',
  summary:
    'What the program owes in each currency, by kind of account and by how many days it has lain there. A balance is made ' +
    'of the newest amounts that came into its account (first in, first out); days are of 24 hours since they were recorded.',
  access: { scope: 'ledger:read' },
  needs: 'reports.liability',
  csvNeeds: 'reports.export',
  query: z.object({ asOf: instantField.optional(), currency: currencyField.optional() }),
  answers: { 200: z.object({ asOf: timeField, lines: z.array(lineBody), totals: z.array(totalBody) }) },
  csv: 'A line for each kind of account in each currency. What users owe (`user:owed`) counts against the rest.',
  problems: instantProblems,

  async handle({ query: { asOf, currency }, request }, { db }) {
    const asked = await readAsOf(db, asOf ?? null, (instant) => findLiability(db, instant, currency), LIABILITY_DAYS)
    const { instant, result: lines } = orRefuse(asked)
    if (prefersCsv(request)) return { status: 200, filename: 'liability.csv', lines: csvLines(lines) }
    return answer(200, { asOf: instant, lines, totals: totalsOf(lines) })
  },
})

function totalsOf(lines: readonly LiabilityLine[]) {
  return [...Map.groupBy(lines, ({ currency }) => currency)].map(([currency, mine]) => {
    const sumOf = (holds: (account: string) => boolean) =>
      mine.reduce((sum, { account, balance }) => (holds(account) ? sum + balance : sum), 0n)
    const fromUsers = sumOf((account) => account === 'user:owed')
    const toUsers = sumOf((account) => account.startsWith('user:')) - fromUsers
    const toProviders = sumOf((account) => account.startsWith('provider:'))
    return { currency, toUsers, fromUsers, toProviders, total: toUsers - fromUsers + toProviders }
  })
}

function csvLines(lines: readonly LiabilityLine[]): Cell[][] {
  return [
    ['account', 'currency', 'balance', ...ages],
    ...lines.map((line) => [line.account, line.currency, line.balance, ...ages.map((age) => line[age])]),
  ]
}
