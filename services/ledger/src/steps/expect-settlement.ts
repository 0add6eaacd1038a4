import type { Envelope } from '@tributary/contracts'
import type { Consumer } from '@tributary/messaging'
import { expectSettlements } from '../store/settlement-queues.ts'

/** Of what a cashout's event carries, what its settlement needs. */
type Moved = Readonly<{ cashoutId: string; provider: string; providerReference?: string | undefined }>

/** The same handler; what it posts, the provider has to settle from then on: a payout that was paid, a refund of what came back. */
export function expectingSettlement(type: 'payout' | 'refund', consumer: Consumer): Consumer {
  return {
    ...consumer,
    async handle(tx, events, publish, context, all) {
      const outcomes = await consumer.handle(tx, events, publish, context, all)
      const posted = events.filter((_, index) => outcomes[index]!.kind === 'done')
      if (posted.length > 0) await expectSettlements(tx, type, posted.map(toExpected))
      return outcomes
    },
  }
}

function toExpected({ data, time }: Envelope) {
  const { cashoutId, provider, providerReference = null } = data as Moved
  return { cashoutId, provider, reference: providerReference, since: time }
}
