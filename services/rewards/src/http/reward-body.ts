import { amountOrZeroField, currencyField, idField, timeField } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import { z } from 'zod'
import { rewardStatuses, statusOf } from '../domain/screening.ts'
import type { HoldRow } from '../store/holds.ts'
import type { Refusal } from '../store/refusals.ts'
import type { RewardRow } from '../store/reward-lists.ts'
import type { TransactionRow } from '../store/reward-transactions.ts'

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
  holds: z.array(z.string()).meta({ description: 'Whose holds stand: `fraud`, `person`, `dispute:<disputeId>`.' }),
  refusal: z.string().nullable().meta({ description: 'Why the ledger refused it; null for almost all.' }),
  earnedAt: timeField,
  dueAt: timeField,
  releasedAt: timeField.nullable(),
})

export function toRewardBody(row: RewardRow) {
  const { id, userId, beneficiary, ruleId, ruleVersion, referralId, cause, eventId, screening, holds, refusal } = row
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
    holds,
    refusal,
    earnedAt: row.earnedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    releasedAt: row.releasedAt?.toISOString() ?? null,
  }
}

/** One movement of a reward's money. */
export const transactionBody = z.object({
  id: idField,
  kind: z.enum(['earned', 'held', 'released', 'resumed', 'reversed']),
  amount: money,
  reason: z.string().nullable(),
  doneBy: z.string().nullable().meta({ description: 'Who did it; null where an event or time did.' }),
  note: z.string().nullable().meta({ description: 'What they said.' }),
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

/** A hold on a reward that was placed or lifted. */
export const holdBody = z.object({
  id: idField,
  holder: z.enum(['fraud', 'dispute', 'person']),
  disputeId: z.string().nullable(),
  action: z.enum(['placed', 'lifted']),
  reason: z.string(),
  doneBy: z.string().nullable().meta({ description: 'Who did it; null where an event did.' }),
  note: z.string().nullable().meta({ description: 'What they said.' }),
  eventId: idField,
  transactionId: idField
    .nullable()
    .meta({ description: "The reward's movement; null where others stood or nothing was left." }),
  effectiveAt: timeField,
  recordedAt: timeField,
})

export function toHoldBody({ reference, effectiveAt, recordedAt, ...rest }: HoldRow) {
  return {
    ...rest,
    disputeId: reference === '' ? null : reference,
    effectiveAt: effectiveAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
  }
}

/** A movement of a reward that the ledger refused for good. */
export const refusalBody = z.object({
  transactionId: idField,
  kind: transactionBody.shape.kind,
  reason: z.string(),
  refusedAt: timeField,
})

export function toRefusalBody({ transactionId, kind, reason, refusedAt }: Refusal) {
  return { transactionId, kind, reason, refusedAt: refusedAt.toISOString() }
}
