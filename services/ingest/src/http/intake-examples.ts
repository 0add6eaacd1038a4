import type { Examples } from '@tributary/service-kit'

const eventId = '01980f3a-7c11-7e52-9c57-0b2f6a1d4e10'
const receivedAt = '2026-03-01T12:00:00.412Z'

const registered = {
  type: 'user.registered',
  timestamp: '2026-03-01T12:00:00Z',
  data: { externalUserId: 'customer-7', email: 'ann@example.com', referralCode: 'friend-of-bob' },
}
/** A webhook, as it is sent. */
export const paidExample = {
  type: 'subscription.paid',
  timestamp: '2026-03-01T12:00:00Z',
  data: {
    externalUserId: 'customer-7',
    invoiceId: 'invoice-1042',
    subscriptionId: 'subscription-7',
    amount: 4_900,
    currency: 'USD',
    period: 1,
  },
}
const refunded = {
  type: 'payment.refunded',
  timestamp: '2026-03-09T08:30:00Z',
  data: { invoiceId: 'invoice-1042', refundId: 'refund-1', amount: 4_900, currency: 'USD' },
}
const ownEvent = {
  type: 'course.completed',
  timestamp: '2026-03-01T12:00:00Z',
  data: { externalUserId: 'customer-7', course: 'onboarding' },
}

/** Of taking a webhook in. */
export const intakeExamples: Examples = {
  body: {
    'Somebody registered with a code': registered,
    'A customer paid': paidExample,
    'A payment was given back': refunded,
    'An event of your own': ownEvent,
  },
  answers: {
    202: {
      New: { eventId, status: 'received', duplicate: false, receivedAt },
      'Sent before': { eventId, status: 'received', duplicate: true, receivedAt },
    },
  },
}

const verified = {
  serverTime: '2026-03-01T12:00:03.120Z',
  bodyBytes: 168,
  bodySha256: '6f1ed002ab5595859014ebf0951522d95c1dd6e3c1bb2bb9b2b8f2f8f3a1c0de',
}

/** Of asking why a signature does not match. */
export const verifyExamples: Examples = {
  body: { 'The webhook, as it would be sent': JSON.stringify(paidExample) },
  answers: {
    200: {
      'All is right': {
        ...verified,
        valid: true,
        secret: 'matches',
        timestamp: 'matches',
        body: 'matches',
        detail: 'the signature is right',
      },
      'The body was changed after it was signed': {
        ...verified,
        valid: false,
        secret: 'matches',
        timestamp: 'matches',
        body: 'does not match',
        detail: 'the body was written anew after it was signed: sign the very bytes that are sent',
      },
    },
  },
}
