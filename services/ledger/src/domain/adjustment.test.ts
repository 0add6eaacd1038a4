import { expect, test } from 'vitest'
import { type Adjustment, adjustmentStatuses, checkDecision, historyOf } from './adjustment.ts'

const asked: Adjustment = {
  id: 'A1',
  userId: 'ann',
  direction: 'credit',
  amount: 100n,
  currency: 'USD',
  reason: 'goodwill',
  requestedBy: 'eve',
  requestedAt: new Date(1),
  needsApproval: true,
  status: 'awaiting_approval',
  refusal: null,
  decidedBy: null,
  decidedAt: null,
  decisionReason: null,
}

test('another person decides, once; whoever asked may only take it back', () => {
  expect(checkDecision(asked, 'approve', 'bob')).toBeNull()
  expect(checkDecision(asked, 'reject', 'bob')).toBeNull()
  expect(checkDecision(asked, 'reject', 'eve')).toBeNull()
  expect(checkDecision(asked, 'approve', 'eve')).toBe('another_person_required')
  for (const status of adjustmentStatuses.filter((one) => one !== 'awaiting_approval')) {
    expect(checkDecision({ ...asked, status }, 'approve', 'bob')).toBe('adjustment_state_conflict')
    expect(checkDecision({ ...asked, status }, 'reject', 'bob')).toBe('adjustment_state_conflict')
    expect(checkDecision({ ...asked, status }, 'approve', 'eve')).toBe('another_person_required')
  }
})

test('the history says of every step who, when and why', () => {
  const requested = { step: 'requested', by: 'eve', at: new Date(1), reason: 'goodwill' }
  const decided = { decidedBy: 'bob', decidedAt: new Date(2), decisionReason: 'fine' }
  const bob = { by: 'bob', at: new Date(2), reason: 'fine' }
  expect(historyOf(asked)).toEqual([requested])
  expect(historyOf({ ...asked, ...decided, status: 'rejected' })).toEqual([requested, { step: 'rejected', ...bob }])
  expect(historyOf({ ...asked, ...decided, status: 'posted' })).toEqual([
    requested,
    { step: 'approved', ...bob },
    { step: 'posted', by: null, at: new Date(2), reason: null },
  ])
  expect(historyOf({ ...asked, ...decided, status: 'refused', refusal: 'insufficient_available' })).toEqual([
    requested,
    { step: 'approved', ...bob },
    { step: 'refused', by: null, at: new Date(2), reason: 'insufficient_available' },
  ])
  expect(historyOf({ ...asked, needsApproval: false, status: 'posted', decidedAt: new Date(1) })).toEqual([
    requested,
    { step: 'posted', by: null, at: new Date(1), reason: null },
  ])
})
