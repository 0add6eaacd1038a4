import { amountOrZeroField, currencyField, idField } from '@tributary/contracts'
import { AMOUNT_MAX, type Currency } from '@tributary/money'
import { z } from 'zod'
import type { BacktestResult } from '../domain/backtest.ts'

const sum = z.object({ rewards: z.int(), amount: amountOrZeroField })
const sides = { currency: currencyField, simulated: sum, actual: sum, difference: z.int() }

/** What a backtest found, as callers see it. */
export const backtestBody = z.object({
  events: z.int().meta({ description: 'How many events rules were asked about.' }),
  ruleId: idField.meta({ description: 'Zeros for a rule that does not exist yet.' }),
  isSame: z
    .boolean()
    .meta({ description: 'Every event would have earned exactly what it did, and all could be read.' }),
  unreadable: z.int().meta({
    description: 'Entries of the history that are damaged and were left out; 0 unless somebody changed them.',
  }),
  differences: z.int().meta({ description: 'How many rewards would have been other ones.' }),
  examples: z.array(
    z.object({
      eventId: idField,
      ruleId: idField,
      beneficiary: z.string(),
      simulated: amountOrZeroField,
      actual: amountOrZeroField,
    }),
  ),
  budget: z.object(sides).nullable().meta({ description: 'Of the rule itself; null where it gives and gave nothing.' }),
  rules: z.array(z.object({ ruleId: idField, ...sides })).meta({ description: 'Of all rules for its type of event.' }),
  usersAffected: z.int(),
  users: z
    .array(
      z.object({
        userId: idField,
        currency: currencyField,
        simulated: amountOrZeroField,
        actual: amountOrZeroField,
        difference: z.int(),
      }),
    )
    .meta({ description: 'Those for whom most would change, at most 100.' }),
})

const USERS_MAX = 100

/** Whether every sum is one that JSON's numbers hold. */
export function canBeTold({ rules, users }: BacktestResult): boolean {
  const sums = [...rules.values()].flatMap(({ simulated, actual }) => [simulated.amount, actual.amount])
  return [...sums, ...[...users.values()].flatMap((user) => [user.simulated, user.actual])].every(
    (sum) => sum <= AMOUNT_MAX,
  )
}

export function toBacktestBody(
  tested: string,
  { events, rules, users, differences, examples }: BacktestResult,
  unreadable: number,
) {
  const all = [...rules].map(([ruleId, { currency, simulated, actual }]) => {
    return {
      ruleId,
      currency: currency as Currency,
      simulated,
      actual,
      difference: Number(simulated.amount - actual.amount),
    }
  })
  const { ruleId: _, ...budget } = all.find(({ ruleId }) => ruleId === tested) ?? { ruleId: tested }
  const changed = [...users.values()]
    .map((user) => ({ ...user, currency: user.currency as Currency, difference: Number(user.simulated - user.actual) }))
    .filter(({ difference }) => difference !== 0)
    .toSorted((one, other) => Math.abs(other.difference) - Math.abs(one.difference))
  return {
    events,
    ruleId: tested,
    isSame: differences === 0 && unreadable === 0,
    unreadable,
    differences,
    examples,
    budget: 'currency' in budget ? budget : null,
    rules: all,
    usersAffected: new Set(changed.map(({ userId }) => userId)).size,
    users: changed.slice(0, USERS_MAX),
  }
}
