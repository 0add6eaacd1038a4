import { idField, timeField } from '@tributary/contracts'
import type { Currency } from '@tributary/money'
import { z } from 'zod'
import type { HoldRow } from '../store/holds.ts'
import type { Refusal } from '../store/refusals.ts'
import type { TransactionRow } from '../store/reward-transactions.ts'
import { money } from './reward-body.ts'

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
