import type { Examples } from '@tributary/service-kit'
import { paidExample } from './intake-examples.ts'

/** Of looking up what became of a webhook. */
export const eventExamples: Examples = {
  answers: {
    200: {
      'A payment that earned a reward': {
        eventId: '01980f3a-7c11-7e52-9c57-0b2f6a1d4e10',
        webhookId: 'msg_invoice-1042',
        source: 'default',
        type: 'subscription.paid',
        status: 'processed',
        receivedAt: '2026-03-01T12:00:00.412Z',
        headers: { 'content-type': 'application/json', 'webhook-signature': '***' },
        body: paidExample,
        effects: [
          {
            service: 'rewards',
            kind: 'decision',
            id: '01980f3a-7d01-7f0c-b7a1-1a2b3c4d5e6f',
            outcome: 'processed',
            at: '2026-03-01T12:00:00.500Z',
          },
          {
            service: 'rewards',
            kind: 'reward',
            id: '01980f3a-7d02-7a44-8f10-3c5b9d8e7f21',
            outcome: 'earned',
            at: '2026-03-01T12:00:00.500Z',
          },
          {
            service: 'ledger',
            kind: 'transfer.earn',
            id: '01980f3a-7d90-7c1b-a2d3-5e6f70819234',
            outcome: 'posted',
            at: '2026-03-01T12:00:00.561Z',
          },
        ],
      },
    },
  },
}

/** Of reading why webhooks were refused. */
export const rejectionExamples: Examples = {
  answers: {
    200: {
      'A wrong secret': {
        items: [
          {
            id: '01980f3b-0a15-7b3c-9d4e-5f60718293a4',
            at: '2026-03-01T12:01:40.004Z',
            source: 'default',
            reason: 'signature_mismatch',
            detail: null,
            webhookId: 'msg_invoice-1042',
            bodySha256: '6f1ed002ab5595859014ebf0951522d95c1dd6e3c1bb2bb9b2b8f2f8f3a1c0de',
            bodyBytes: 168,
          },
        ],
        nextCursor: null,
      },
    },
  },
}
