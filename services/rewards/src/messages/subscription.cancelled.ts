import { subscriptionCancelled } from '@tributary/contracts'
import { consume } from '@tributary/messaging'
import { factSteps } from '../steps/fact.ts'

/** A subscription ended. It is remembered; it ends no rewards, since none recur by themselves yet. */
export const onSubscriptionCancelled = consume(
  subscriptionCancelled,
  factSteps('cancellations_change_nothing_yet', (event) => ({
    about: event.data.subscriptionId,
    externalUserId: event.data.externalUserId,
    payload: subscriptionCancelled.data.encode(event.data),
  })),
)
