import { amountOrZeroField, currencyField, idField, timeField } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import { z } from 'zod'
import { rewardStatuses, statusOf } from '../domain/screening.ts'
import { tellStanding } from '../domain/standing.ts'
import type { RewardRow } from '../store/reward-lists.ts'

/** A sum in a reward's currency. */
export const money = z.object({ amount: amountOrZeroField, currency: currencyField })

/** A reward as callers see it. */
export const rewardBody = z.object({
  id: idField,
  userId: idField,
  status: z.enum(rewardStatuses),
  explanation: z.string().meta({ description: 'Where it stands and why, for people.' }),
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
  holds: z.array(z.string()).meta({ description: 'Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`.' }),
  refusal: z.string().nullable().meta({ description: 'Why the ledger refused it; null for almost all.' }),
  earnedAt: timeField,
  dueAt: timeField,
  releasedAt: timeField.nullable(),
})

export function toRewardBody(row: RewardRow, now: Date) {
  const { id, userId, beneficiary, ruleId, ruleVersion, referralId, cause, eventId, screening, holds, refusal } = row
  const moneyOf = (amount: bigint) => ({ amount, currency: row.currency as Currency })
  return {
    id,
    userId,
    status: statusOf({ ...row, released: row.releasedAt !== null }),
    explanation: tellStanding(
      { ...row, dueMs: row.dueAt.getTime(), releasedMs: row.releasedAt?.getTime() ?? null },
      now.getTime(),
    ),
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
    holds,
    refusal,
    earnedAt: row.earnedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    releasedAt: row.releasedAt?.toISOString() ?? null,
  }
}
