import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import type { DecisionRow } from '../store/decision-lists.ts'

/** One answer to a sender's event, as callers see it. */
export const decisionBody = z.object({
  id: idField,
  eventId: idField,
  revision: z.int().min(1).meta({ description: 'The highest revision of an event counts.' }),
  type: z.string(),
  externalUserId: z.string().nullable(),
  outcome: z.enum(['processed', 'ignored']),
  reason: z.string().nullable(),
  rewardIds: z.array(idField),
  trace: z.unknown().meta({ description: 'Every rule looked at, and every condition with the value seen.' }),
  happenedAt: timeField,
  recordedAt: timeField,
})

export function toDecisionBody({ happenedAt, recordedAt, ...decision }: DecisionRow) {
  return { ...decision, happenedAt: happenedAt.toISOString(), recordedAt: recordedAt.toISOString() }
}
