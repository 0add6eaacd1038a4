import { amountOrZeroField, currencyField, idField, timeField } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import { z } from 'zod'
import { rewardStatuses, statusOf } from '../domain/screening.ts'
import type { RewardRow, TransactionRow } from '../store/reward-lists.ts'

const money = z.object({ amount: amountOrZeroField, currency: currencyField })

/** A reward as callers see it. */
export const rewardBody = z.object({
  id: idField,
  userId: idField,
  status: z.enum(rewardStatuses),
  amount: money.meta({ description: 'What was granted.' }),
  reversed: money.meta({ description: 'What was taken back of it.' }),
  remaining: money,
  beneficiary: z.enum(['referrer', 'referee']),
  ruleId: idField,
  ruleVersion: z.int(),
  referralId: idField,
  cause: z.string(),
  eventId: idField,
  screening: z.enum(['waiting', 'passed', 'held', 'failed']),
  earnedAt: timeField,
  dueAt: timeField,
  releasedAt: timeField.nullable(),
})

export function toRewardBody(row: RewardRow) {
  const { id, userId, beneficiary, ruleId, ruleVersion, referralId, cause, eventId, screening } = row
  const moneyOf = (amount: bigint) => ({ amount, currency: row.currency as Currency })
  return {
    id,
    userId,
    status: statusOf({ ...row, released: row.releasedAt !== null }),
    amount: moneyOf(row.granted),
    reversed: moneyOf(row.reversed),
    remaining: moneyOf(row.granted - row.reversed),
    beneficiary,
    ruleId,
    ruleVersion,
    referralId,
    cause,
    eventId,
    screening,
    earnedAt: row.earnedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    releasedAt: row.releasedAt?.toISOString() ?? null,
  }
}

/** One movement of a reward's money. */
export const transactionBody = z.object({
  id: idField,
  kind: z.enum(['earned', 'released', 'reversed']),
  amount: money,
  reason: z.string().nullable(),
  eventId: idField,
  effectiveAt: timeField,
  recordedAt: timeField,
})

export function toTransactionBody({ amount, effectiveAt, recordedAt, ...rest }: TransactionRow, currency: Currency) {
  return {
    ...rest,
    amount: { amount, currency },
    effectiveAt: effectiveAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
  }
}
