import type { Currency } from '@tributary/money'
import type { Status } from './status.ts'

export const adjustmentStatuses = ['awaiting_approval', 'posted', 'refused', 'rejected'] as const
/**
 * `awaiting_approval` until another person decides. The others are final: `posted`, `rejected` by a person, or `refused` by the
 * ledger, such as for a debit that the user's available balance does not cover.
 */
export type AdjustmentStatus = (typeof adjustmentStatuses)[number]

/** Money that a person gives a user, or takes, and all that was decided about it. */
export type Adjustment = Readonly<{
  id: string
  userId: string
  direction: 'credit' | 'debit'
  amount: bigint
  currency: Currency
  reason: string
  requestedBy: string
  requestedAt: Date
  needsApproval: boolean
  status: AdjustmentStatus
  /** The ledger's reason, where it refused. */
  refusal: Status | null
  /** Who approved or rejected it; null where nobody had to. */
  decidedBy: string | null
  decidedAt: Date | null
  decisionReason: string | null
}>

export type DecisionRefusal = 'another_person_required' | 'adjustment_state_conflict'

/** Whether this person may decide this way; null when they may. Whoever asked may only take it back. */
export function checkDecision(
  adjustment: Pick<Adjustment, 'status' | 'requestedBy'>,
  decision: 'approve' | 'reject',
  person: string,
): DecisionRefusal | null {
  if (decision === 'approve' && adjustment.requestedBy === person) return 'another_person_required'
  if (adjustment.status !== 'awaiting_approval') return 'adjustment_state_conflict'
  return null
}

export type AdjustmentStep = Readonly<{
  step: 'requested' | 'approved' | 'rejected' | 'posted' | 'refused'
  /** Null for the ledger's own answer. */
  by: string | null
  at: Date
  reason: string | null
}>

/** Every step that was taken: who, when, and why. */
export function historyOf(adjustment: Adjustment): readonly AdjustmentStep[] {
  const { status, reason, requestedBy, requestedAt, decidedBy, decidedAt, decisionReason, refusal } = adjustment
  const steps: AdjustmentStep[] = [{ step: 'requested', by: requestedBy, at: requestedAt, reason }]
  if (status === 'awaiting_approval' || decidedAt === null) return steps
  const step = status === 'rejected' ? 'rejected' : 'approved'
  if (decidedBy !== null) steps.push({ step, by: decidedBy, at: decidedAt, reason: decisionReason })
  if (status !== 'rejected') steps.push({ step: status, by: null, at: decidedAt, reason: refusal })
  return steps
}
