import { idField, timeField } from '@tributary/contracts'
import { z } from 'zod'
import { isErased } from '../domain/erased.ts'
import type { RuleTrace } from '../domain/evaluation.ts'
import { explain, type FaceOf, type RegistrationTrace } from '../domain/explanation.ts'
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
  explanation: z.string().meta({ description: 'The same in words, for people.' }),
  rewardIds: z.array(idField),
  trace: z.unknown().meta({ description: 'Every rule looked at, and every condition with the value seen.' }),
  happenedAt: timeField,
  recordedAt: timeField,
})

export function toDecisionBody({ happenedAt, recordedAt, ...decision }: DecisionRow, faceOf: FaceOf) {
  const { type, outcome, reason } = decision
  const { registration } = decision.trace as { registration?: RegistrationTrace }
  const explanation = explain({ type, outcome, reason, rules: rulesOf(decision), registration }, faceOf)
  const externalUserId = isErased(decision.externalUserId) ? null : decision.externalUserId
  return {
    ...decision,
    externalUserId,
    explanation,
    happenedAt: happenedAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
  }
}

/** The rules that a decision looked at; decisions without any have none in their trace. */
export function rulesOf({ trace }: Pick<DecisionRow, 'trace'>): readonly RuleTrace[] {
  return (trace as { rules?: readonly RuleTrace[] }).rules ?? []
}
