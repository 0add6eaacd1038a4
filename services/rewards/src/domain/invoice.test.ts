import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decidePayment, type Invoice, type Payment, type Refund, settleInvoice, unknownInvoice } from './invoice.ts'
import { decideRefund } from './money-back.ts'
import { decideScreening } from './screening.ts'

const payment: Payment = { externalUserId: 'bob', subscriptionId: 'sub', amount: 1000n, currency: 'USD', timeMs: 0 }
const refund = (refundId: string, amount: bigint, currency = 'USD'): Refund => ({ refundId, amount, currency })
const neverAsked = () => {
  throw new Error('rules are asked once for an invoice')
}

const rewarded: Invoice = {
  ...unknownInvoice,
  payment,
  rewards: [
    {
      id: 'reward',
      granted: 200n,
      reversed: 0n,
      refusal: null,
      holds: [],
      holdSequence: 0,
      terms: { reward: { kind: 'percent', basisPoints: 2000 }, minimumAmount: null },
    },
  ],
}

it.each([
  ['the same again', {}, 'invoice_already_known'],
  ['another amount', { amount: 999n }, 'invoice_conflict'],
  ['another currency', { currency: 'EUR' }, 'invoice_conflict'],
  ['another customer', { externalUserId: 'eve' }, 'invoice_conflict'],
  ['another subscription', { subscriptionId: 'other' }, 'invoice_conflict'],
] as const)('a second payment of an invoice with %s changes nothing', (_, changes, reason) => {
  const decision = decidePayment(rewarded, { ...payment, ...changes }, neverAsked)
  expect(decision).toEqual({ kind: 'known', verdict: { outcome: 'ignored', reason } })
})

it.each([
  ['of an invoice without rewards', { ...rewarded, rewards: [] }, refund('r', 1n), 'no_reward_to_reverse'],
  ['in another currency', rewarded, refund('r', 1n, 'EUR'), 'currency_mismatch'],
  ['of an invoice whose payment waits', { ...rewarded, waits: true }, refund('r', 1n), 'not_registered_yet'],
  ['of an invoice nobody paid yet', unknownInvoice, refund('r', 1n), 'payment_not_seen_yet'],
] as const)('a refund %s takes nothing back, and is remembered', (_, invoice, given, reason) => {
  const [decision, next] = decideRefund(invoice, given)
  expect(decision).toMatchObject({ verdict: { outcome: 'ignored', reason }, isNew: true, changes: { reversals: [] } })
  expect(next.refunds.get('r')).toEqual(given)
})

it('a refund too small to change the rounded share takes nothing back, and says so', () => {
  const [first, next] = decideRefund(rewarded, refund('r-1', 1n))
  expect(first.changes.reversals).toEqual([{ rewardId: 'reward', amount: 1n }])
  const [second] = decideRefund(next, refund('r-2', 1n))
  expect(second).toMatchObject({ verdict: { reason: 'nothing_to_reverse' }, changes: { reversals: [] } })
})

it('refunds before, between and after payment and failed screening end in the same state', () => {
  type Step = { kind: 'pay' } | { kind: 'fail' } | { kind: 'refund'; refund: Refund }
  const play = (steps: readonly Step[]): bigint => {
    let invoice = unknownInvoice
    let failedEarly = false
    for (const step of steps) {
      if (step.kind === 'refund') [, invoice] = decideRefund(invoice, step.refund)
      else if (step.kind === 'pay') {
        invoice = { ...invoice, payment, rewards: rewarded.rewards }
        invoice = { ...invoice, rewards: settleInvoice(invoice).rewards }
        // Screening follows the reward, so one that is drawn earlier happens right after it.
        if (failedEarly) invoice = failed(invoice)
      } else if (invoice.payment === null) failedEarly = true
      else invoice = failed(invoice)
    }
    return invoice.rewards[0]!.reversed
  }
  const failed = (invoice: Invoice): Invoice => ({
    ...invoice,
    rewards: invoice.rewards.map((reward) => {
      const decision = decideScreening({ ...reward, screening: 'waiting', revision: 0 }, 'failed', 1)
      return { ...reward, reversed: reward.reversed + (decision.kind === 'noted' ? decision.reversed : 0n) }
    }),
  })
  const amounts = fc.array(fc.bigInt(1n, 700n), { maxLength: 5 })
  fc.assert(
    fc.property(amounts, fc.boolean(), fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), (given, fails, keys) => {
      const refunds = given.map((amount, index): Step => ({ kind: 'refund', refund: refund(`r-${index}`, amount) }))
      const steps: Step[] = [
        { kind: 'pay' },
        ...refunds,
        ...refunds.slice(0, 2),
        ...(fails ? [{ kind: 'fail' } as const] : []),
      ]
      const shuffled = steps.map((step, index) => [keys[index]!, step] as const).sort(([one], [other]) => one - other)
      expect(play(shuffled.map(([, step]) => step))).toBe(play(steps))
    }),
  )
})
