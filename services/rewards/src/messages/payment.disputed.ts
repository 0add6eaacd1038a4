import { paymentDisputed } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { factSteps } from '../steps/fact.ts'

/** A customer contests a payment with their bank. It is remembered; no reward is held or taken back for it yet. */
export const onPaymentDisputed = consume(
  paymentDisputed,
  factSteps('disputes_change_nothing_yet', (event) => ({
    about: event.data.invoiceId,
    externalUserId: null,
    payload: paymentDisputed.data.encode(event.data),
  })),
)
