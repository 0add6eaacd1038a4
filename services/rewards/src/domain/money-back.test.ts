import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DISPUTES_MAX, type DisputeNotice, type DisputeStatus } from './dispute.ts'
import { goneOf, type Invoice, type Payment, type Refund, settleInvoice, unknownInvoice } from './invoice.ts'
import { decideDispute, decideRefund } from './money-back.ts'

const payment: Payment = { externalUserId: 'bob', subscriptionId: 'sub', amount: 1000n, currency: 'USD', timeMs: 0 }
const refund = (amount: bigint, refundId = `r-${amount}`): Refund => ({ refundId, amount, currency: 'USD' })
const notice = (status: DisputeStatus, changes: Partial<DisputeNotice> = {}): DisputeNotice => ({
  disputeId: 'd',
  status,
  amount: null,
  currency: null,
  ...changes,
})
const percent = { reward: { kind: 'percent', basisPoints: 2000 }, minimumAmount: null } as const
const unheld = { reversed: 0n, refusal: null, holds: [], holdSequence: 0 }
const rewarded: Invoice = {
  ...unknownInvoice,
  payment,
  rewards: [{ id: 'reward', granted: 200n, ...unheld, terms: percent }],
}

type Step = Refund | DisputeNotice
const isDispute = (step: Step): step is DisputeNotice => 'disputeId' in step
const decide = (invoice: Invoice, step: Step) =>
  isDispute(step) ? decideDispute(invoice, step) : decideRefund(invoice, step)
const play = (invoice: Invoice, ...steps: readonly Step[]) => steps.reduce((now, step) => decide(now, step)[1], invoice)

it.each<[string, readonly Step[], DisputeNotice, string | null]>([
  ['opened', [], notice('opened'), null],
  ['opened again', [notice('opened')], notice('opened'), 'dispute_already_known'],
  ['opened again, of another amount', [notice('opened')], notice('opened', { amount: 1n }), 'dispute_conflict'],
  ['opened, in another currency', [], notice('opened', { amount: 1n, currency: 'EUR' }), null],
  ['opened after it was won', [notice('won')], notice('opened'), 'dispute_outdated'],
  ['opened after it was lost', [notice('lost')], notice('opened'), 'dispute_outdated'],
  ['opened when all went back', [refund(1000n)], notice('opened'), 'nothing_to_hold'],
  ['won', [notice('opened')], notice('won'), null],
  ['won, never opened', [], notice('won'), 'nothing_to_resume'],
  ['won after it was lost', [notice('lost')], notice('won'), 'dispute_conflict'],
  ['lost', [notice('opened')], notice('lost'), null],
  ['lost, never opened', [], notice('lost'), null],
  ['lost after it was won', [notice('won')], notice('lost'), null],
  ['lost when all went back', [refund(1000n)], notice('lost'), 'nothing_to_reverse'],
  [
    'lost in another currency',
    [notice('opened')],
    notice('lost', { amount: 5n, currency: 'EUR' }),
    'currency_mismatch',
  ],
  ['lost, another one, when all is lost', [notice('lost')], notice('lost', { disputeId: 'e' }), 'nothing_to_reverse'],
])('a dispute that is %s', (_, before, given, reason) => {
  const [{ verdict }] = decideDispute(play(rewarded, ...before), given)
  expect(verdict).toEqual({ outcome: reason === null ? 'processed' : 'ignored', reason })
})

it.each<[string, Invoice, DisputeNotice, string]>([
  ['whose payment earned nothing', { ...rewarded, rewards: [] }, notice('opened'), 'no_reward_to_hold'],
  ['that is lost for nothing', { ...rewarded, rewards: [] }, notice('lost'), 'no_reward_to_reverse'],
  ['that nobody paid yet', unknownInvoice, notice('lost'), 'payment_not_seen_yet'],
  ['whose payment waits', { ...rewarded, waits: true }, notice('opened'), 'not_registered_yet'],
])('a dispute of an invoice %s is remembered', (_, invoice, given, reason) => {
  const [decision, next] = decideDispute(invoice, given)
  expect(decision).toMatchObject({ verdict: { reason }, isNew: true, changes: { reversals: [], holds: [] } })
  expect(next.disputes.get('d')?.get(given.status)).toEqual(given)
})

it('an open dispute holds all of a reward, a won one lets it go, a lost one takes its share and lets the rest go', () => {
  const [opened, disputed] = decideDispute(rewarded, notice('opened'))
  expect(opened.changes.holds).toMatchObject([{ change: { told: { kind: 'held', amount: 200n, sequence: 1 } } }])
  const [won] = decideDispute(disputed, notice('won'))
  expect(won.changes).toMatchObject({
    reversals: [],
    holds: [{ change: { told: { kind: 'resumed', amount: 200n, sequence: 2 } } }],
  })
  const [lost] = decideDispute(disputed, notice('lost', { amount: 250n }))
  expect(lost.changes).toMatchObject({
    reversals: [{ amount: 50n }],
    holds: [{ change: { told: { kind: 'resumed', amount: 150n, sequence: 2 } } }],
  })
  const [whole, after] = decideDispute(disputed, notice('lost'))
  expect(whole.changes).toMatchObject({ reversals: [{ amount: 200n }], holds: [{ change: { told: null } }] })
  expect(after.rewards).toMatchObject([{ reversed: 200n, holds: [] }])
})

it("a reward stays held while another dispute is open, and fraud's hold is nobody else's to lift", () => {
  const held: Invoice = { ...rewarded, rewards: [{ ...rewarded.rewards[0]!, holds: ['fraud'], holdSequence: 1 }] }
  const invoice = play(held, notice('opened'), notice('opened', { disputeId: 'e' }), notice('won'))
  expect(invoice.rewards[0]).toMatchObject({ holds: ['fraud', 'dispute:e'], holdSequence: 1 })
})

it.each<[string, readonly Step[], bigint]>([
  ['a refund and a lost dispute of the same money', [refund(400n), notice('lost', { amount: 400n })], 400n],
  ['a refund during a dispute that is lost', [notice('opened'), refund(300n), notice('lost')], 1000n],
  ['a small refund and a larger dispute', [refund(100n), notice('lost', { amount: 250n })], 250n],
  ['a large refund and a smaller dispute', [refund(500n), notice('lost', { amount: 250n })], 500n],
  ['two refunds', [refund(100n), refund(200n)], 300n],
  ['two disputes', [notice('lost', { amount: 100n }), notice('lost', { amount: 200n, disputeId: 'e' })], 300n],
  ['more than was paid', [refund(800n), refund(900n), notice('lost')], 1000n],
  ['a dispute that was won', [notice('opened'), notice('won')], 0n],
])('%s takes no more than is gone', (_, steps, gone) => {
  const invoice = play(rewarded, ...steps)
  expect(goneOf(invoice)).toBe(gone)
  expect(invoice.rewards[0]!.reversed).toBe(gone / 5n)
})

it('what a person took back already is not taken again', () => {
  const byPerson: Invoice = { ...rewarded, rewards: [{ ...rewarded.rewards[0]!, reversed: 80n }] }
  const [small, next] = decideRefund(byPerson, refund(250n))
  expect(small).toMatchObject({ verdict: { reason: 'nothing_to_reverse' }, changes: { reversals: [] } })
  expect(decideRefund(next, refund(250n, 'r-2'))[0].changes.reversals).toEqual([{ rewardId: 'reward', amount: 20n }])
})

it('an invoice remembers so many disputes and says so', () => {
  const many = Array.from({ length: DISPUTES_MAX }, (_one, index) => notice('opened', { disputeId: `d-${index}` }))
  const [decision, next] = decideDispute(play(rewarded, ...many), notice('opened'))
  expect(decision).toMatchObject({ verdict: { reason: 'too_many_disputes' }, isNew: false })
  expect(next.disputes.size).toBe(DISPUTES_MAX)
})

it('payment, registration, refunds and disputes end in the same state in whatever order they come', () => {
  const steps = fc.uniqueArray(
    fc.oneof(
      fc.record({
        refundId: fc.constantFrom('r-1', 'r-2', 'r-3'),
        amount: fc.bigInt(1n, 1200n),
        currency: fc.constantFrom('USD', 'EUR'),
      }),
      fc.record({
        disputeId: fc.constantFrom('d-1', 'd-2'),
        status: fc.constantFrom<DisputeStatus>('opened', 'won', 'lost'),
        amount: fc.option(fc.bigInt(1n, 1200n)),
        currency: fc.constantFrom(null, 'USD', 'EUR'),
      }),
    ),
    { maxLength: 9, selector: (step) => (isDispute(step) ? `${step.disputeId} ${step.status}` : step.refundId) },
  )
  const rewards: Invoice['rewards'] = [
    { id: 'share', granted: 199n, ...unheld, terms: percent },
    { id: 'sum', granted: 500n, ...unheld, terms: { reward: { kind: 'fixed', amount: 500n }, minimumAmount: 300n } },
  ]
  const pay = (invoice: Invoice): Invoice => {
    const paid = { ...invoice, payment: { ...payment, amount: 999n }, waits: false, rewards }
    return { ...paid, rewards: settleInvoice(paid).rewards }
  }
  const endOf = ({ rewards: end }: Invoice) =>
    end.map(({ reversed, holds }) => ({ reversed, holds: [...holds].sort() }))
  fc.assert(
    fc.property(steps, fc.nat(), fc.infiniteStream(fc.nat()), (given, at, keys) => {
      const straight = play(pay(unknownInvoice), ...given)
      const mixed = given.map((step) => [keys.next().value, step] as const).sort(([one], [other]) => one - other)
      const repeated = mixed.flatMap(([key, step]) => (key % 3 === 0 ? [step, step] : [step]))
      const cut = at % (repeated.length + 1)
      const early = play(unknownInvoice, ...repeated.slice(0, cut))
      expect(endOf(play(pay(early), ...repeated.slice(cut)))).toEqual(endOf(straight))
      for (const { granted, reversed } of straight.rewards) expect(reversed <= granted).toBe(true)
      // Nothing more is due once all is known.
      expect(settleInvoice(straight)).toMatchObject({ reversals: [], holds: [] })
    }),
    { numRuns: 500 },
  )
})
