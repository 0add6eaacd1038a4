import { amountOrZeroField, currencyField, type Feature, idField } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import { answer, type Cell, prefersCsv, type Route, route } from '@tributary/service-kit'
import { z } from 'zod'
import { findFunnel, listCohorts, listRuleCosts, listTopReferrers, type Period } from '../store/reports.ts'
import { periodBody, periodOf, periodQuery } from './report-period.ts'

const count = (description: string) => z.int().min(0).meta({ description })

const steps = {
  registered: count('Customers who registered in the period with a referral that was not rejected.'),
  converted: count('Of these, who have paid until now.'),
  rewarded: count('Of these, for whom a reward stands until now: not taken back whole, not refused by the ledger.'),
}

const funnelRow = z.object({
  codes: count('Referral codes made in the period; codes of people whose data was removed are not counted.'),
  codesUsed: count('Codes that customers who registered in the period came by.'),
  ...steps,
  rejected: count('Referrals of the period that were rejected; in no other figure.'),
})

const cohortRow = z.object({
  month: z.string().meta({ description: 'In which the customers registered, in UTC.', examples: ['2026-01'] }),
  ...steps,
})

const referrerRow = z.object({ userId: idField, ...steps })

const costRow = z.object({
  ruleId: idField,
  currency: currencyField,
  rewards: count('Rewards for events of the period, without those that the ledger refused.'),
  granted: amountOrZeroField,
  reversed: amountOrZeroField.meta({ description: 'What was taken back of them until now.' }),
  net: amountOrZeroField,
})

/** Enough for a page, and for a prize. */
const REFERRERS_MAX = 100

type Report<Row extends z.ZodObject> = Readonly<{
  name: string
  needs?: Feature
  summary: string
  row: Row
  list(db: Database, period: Period): Promise<readonly Readonly<Record<keyof z.output<Row>, Cell>>[]>
}>

/** A report is lines of figures of a period, as JSON and as CSV with the same names. */
function report<Row extends z.ZodObject>({ name, needs, summary, row, list }: Report<Row>): Route {
  return route({
    method: 'GET',
    path: `/api/v1/rewards-reports/${name}`,
    summary,
    access: { scope: 'rewards:read' },
    ...(needs === undefined ? {} : { needs }),
    csvNeeds: 'reports.export',
    query: z.object(periodQuery),
    answers: { 200: z.object({ ...periodBody, lines: z.array(row) }) },
    csv: 'The lines, with the names of their fields in the first.',

    async handle({ query, request }, { db, now }) {
      const period = periodOf(query, now())
      const lines = await list(db, period)
      if (!prefersCsv(request)) {
        return answer(200, { from: period.from.toISOString(), to: period.to.toISOString(), lines })
      }
      const names = Object.keys(row.shape) as (keyof z.output<Row>)[]
      const cells = lines.map((line) => names.map((field) => line[field]))
      return { status: 200, filename: `${name}.csv`, lines: [names.map(String), ...cells] }
    },
  })
}

/** What the programme brought. A period is half-open, by when customers registered, and for costs by when events happened. */
export const reports: readonly Route[] = [
  report({
    name: 'funnel',
    needs: 'reports.funnel',
    summary: 'From codes to customers to payments to rewards',
    row: funnelRow,
    list: async (db, period) => [await findFunnel(db, period)],
  }),
  report({
    name: 'cohorts',
    needs: 'reports.cohorts',
    summary: 'The funnel by the month in which customers registered',
    row: cohortRow,
    list: listCohorts,
  }),
  report({
    name: 'top-referrers',
    needs: 'reports.top-referrers',
    summary: `The ${REFERRERS_MAX} who brought most customers who paid`,
    row: referrerRow,
    list: (db, period) => listTopReferrers(db, period, REFERRERS_MAX),
  }),
  report({
    name: 'rule-costs',
    summary: 'What each rule cost, in each currency',
    row: costRow,
    list: listRuleCosts,
  }),
]
