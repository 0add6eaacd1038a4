import type { Examples } from '@tributary/service-kit'

const userId = '01980f00-1111-7aaa-8bbb-000000000001'
const ruleId = '01980f00-2222-7aaa-8bbb-000000000002'
const rewardId = '01980f00-3333-7aaa-8bbb-000000000003'
const eventId = '01980f3a-7c11-7e52-9c57-0b2f6a1d4e10'
const usd = (amount: number) => ({ amount, currency: 'USD' })

const user = {
  id: userId,
  externalId: 'bob',
  email: 'bob@example.com',
  name: 'Bob',
  createdAt: '2026-02-20T09:00:00.000Z',
  erasedAt: null,
}

/** Of making a user known. */
export const userExamples: Examples = {
  body: { 'Somebody who will refer others': { externalId: 'bob', email: 'bob@example.com', name: 'Bob' } },
  answers: { 200: { 'Known before': user }, 201: { New: user } },
}

const reward = {
  id: rewardId,
  userId,
  status: 'pending',
  amount: usd(980),
  reversed: usd(0),
  remaining: usd(980),
  beneficiary: 'referrer',
  ruleId,
  ruleVersion: 1,
  referralId: '01980f00-4444-7aaa-8bbb-000000000004',
  cause: 'invoice:invoice-1042',
  eventId,
  screening: 'passed',
  holds: [],
  refusal: null,
  explanation: 'Its holding period ends at 2026-03-15T12:00:00.000Z; it is released then.',
  earnedAt: '2026-03-01T12:00:00.000Z',
  dueAt: '2026-03-15T12:00:00.000Z',
  releasedAt: null,
}

/** Of listing rewards. */
export const rewardListExamples: Examples = {
  answers: { 200: { 'One page, and no more': { items: [reward], nextCursor: null } } },
}

/** Of looking at a reward. */
export const rewardExamples: Examples = {
  answers: {
    200: {
      'Earned, and held back for two weeks': {
        ...reward,
        transactions: [
          {
            id: '01980f00-5555-7aaa-8bbb-000000000005',
            kind: 'earned',
            amount: usd(980),
            reason: null,
            doneBy: null,
            note: null,
            eventId,
            effectiveAt: '2026-03-01T12:00:00.000Z',
            recordedAt: '2026-03-01T12:00:00.500Z',
          },
        ],
        holdHistory: [],
        refusals: [],
        trace: { rules: [] },
      },
    },
  },
}
