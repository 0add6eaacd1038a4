import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, registered, setUpProgramme } from './programme.ts'
import { startStack } from './stack.ts'

const secret = 'whsec_of_a_stripe_endpoint'

it('a payment that Stripe tells of earns, its refund takes its share back, and a lost dispute the rest', async () => {
  const stack = await startStack()
  const { settled, urls, client, clock } = stack
  const bob = await setUpProgramme(stack, [aFifthOfEachPayment])
  await client.setAdapter('stripe', { secret, overlapSeconds: 0 })
  await stack.send(registered('ann', bob.code))
  await settled()

  /** As Stripe sends it: an id of its own, signed now. */
  const stripe = async (type: string, object: object, before: object = {}) => {
    const seconds = Math.floor(clock.now().getTime() / 1000)
    const id = `evt_${type.replaceAll('.', '')}`
    const body = JSON.stringify({ id, type, created: seconds, data: { object, previous_attributes: before } })
    const v1 = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${v1}` }
    const { status } = await fetch(`${urls.ingest}/api/v1/webhooks/stripe`, { method: 'POST', headers, body })
    await settled()
    return status
  }
  const balance = () => balanceOf(stack, bob.userId)

  const subscription_details = { subscription: 'sub_1', metadata: { externalUserId: 'ann' } }
  const invoice = {
    id: 'in_1',
    amount_paid: 5_000,
    currency: 'usd',
    customer: 'cus_1',
    parent: { subscription_details },
  }
  const refund = { id: 'ch_1', amount_refunded: 2_000, currency: 'usd', payment_intent: 'pi_1' }
  expect(await stripe('invoice.paid', invoice)).toBe(202)
  expect(await balance()).toEqual({ pending: 1_000, totalEarned: 1_000 })

  // Nothing has told yet which invoice this payment was for, so Stripe has to send it again.
  expect(await stripe('charge.refunded', refund, { amount_refunded: 0 })).toBe(409)
  expect(await stripe('invoice_payment.paid', { invoice: 'in_1', payment: { payment_intent: 'pi_1' } })).toBe(202)
  expect(await stripe('charge.refunded', refund, { amount_refunded: 0 })).toBe(202)
  expect(await stripe('charge.refunded', refund, { amount_refunded: 0 })).toBe(202)
  expect(await balance()).toEqual({ pending: 600, totalEarned: 600 })

  const dispute = { id: 'dp_1', charge: 'ch_1', payment_intent: 'pi_1', amount: 5_000, currency: 'usd', status: 'lost' }
  expect(await stripe('charge.dispute.closed', dispute)).toBe(202)
  expect(await balance()).toEqual({})
  await expectBooksToBalance(stack)
})
