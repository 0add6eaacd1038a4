import type { Examples } from '@tributary/service-kit'

const asked = {
  userId: '01980f00-1111-7aaa-8bbb-000000000001',
  amount: 500,
  currency: 'USD',
  reason: 'Sorry for the delay; ticket 4711',
}

/** Of giving a user money, or taking some. */
export const adjustmentExamples: Examples = {
  body: {
    'Five dollars for the trouble': asked,
    'A correction that takes money': { ...asked, reason: 'Paid twice by hand', direction: 'debit' },
  },
  answers: {
    201: {
      'Posted at once': {
        ...asked,
        id: '01980f00-7777-7aaa-8bbb-000000000007',
        direction: 'credit',
        status: 'posted',
        refusal: null,
        needsApproval: false,
        requestedBy: 'ann',
        requestedAt: '2026-03-02T10:00:00.000Z',
        history: [
          { step: 'requested', by: 'ann', at: '2026-03-02T10:00:00.000Z', reason: asked.reason },
          { step: 'posted', by: null, at: '2026-03-02T10:00:00.000Z', reason: null },
        ],
      },
    },
  },
}
