import { expect, test } from 'vitest'
import {
  type LineStanding,
  matchLine,
  matchLines,
  requestsOf,
  type SettledCashout,
  type SettlementLine,
  unmatchedReasons,
} from './settlement.ts'

const cashout: SettledCashout = {
  cashoutId: 'C1',
  provider: 'stripe',
  currency: 'USD',
  amount: 100n,
  place: 'paid',
  settledBy: [],
}

const payout: SettlementLine = {
  provider: 'stripe',
  lineId: 'L1',
  type: 'payout',
  reference: 'C1',
  amount: 100n,
  currency: 'USD',
  fee: 0n,
  settledAt: '2026-01-01T00:00:00Z',
}

const standing = (...named: readonly Partial<SettledCashout>[]): LineStanding => ({
  isProviderKnown: true,
  named: named.map((changes) => ({ ...cashout, ...changes })),
})

/** `matched C1`, or why it is not. */
function answerTo(changes: Partial<SettlementLine>, to: LineStanding): string {
  const verdict = matchLine({ ...payout, ...changes }, to)
  return verdict.outcome === 'matched' ? `matched ${verdict.cashoutId ?? 'nothing'}` : verdict.reason
}

const bounced = { place: 'bounced', settledBy: ['payout'] } as const

test.each<[string, Partial<SettlementLine>, LineStanding]>([
  ['matched C1', {}, standing({})],
  ['matched C1', { fee: 3n }, standing({})],
  ['matched C1', {}, standing({ place: 'bounced' })],
  ['matched C1', { type: 'refund' }, standing(bounced)],
  // The refund may come before the payout's own line.
  ['matched C1', { type: 'refund' }, standing({ place: 'bounced' })],
  ['matched nothing', { type: 'fee', reference: 'anything' }, standing()],
  ['unknown_provider', { type: 'fee' }, { isProviderKnown: false, named: [] }],
  ['unknown_reference', {}, standing()],
  ['unknown_reference', { type: 'refund' }, standing()],
  ['ambiguous_reference', {}, standing({}, { cashoutId: 'C2' })],
  ['provider_differs', { provider: 'paypal' }, standing({})],
  ['currency_differs', { currency: 'EUR' }, standing({})],
  ['amount_differs', { amount: 99n }, standing({})],
  ['amount_differs', { amount: 103n, fee: 3n }, standing({})],
  ['not_paid_yet', {}, standing({ place: 'in_payout' })],
  ['not_paid_yet', {}, standing({ place: 'in_payout', provider: null })],
  ['not_paid_yet', { type: 'refund' }, standing({ place: 'in_payout' })],
  ['given_back', {}, standing({ place: 'returned' })],
  ['given_back', { type: 'refund' }, standing({ place: 'returned' })],
  ['not_returned_yet', { type: 'refund' }, standing({})],
  ['already_settled', {}, standing({ settledBy: ['payout'] })],
  ['already_settled', {}, standing(bounced)],
  ['already_settled', { type: 'refund' }, standing({ place: 'bounced', settledBy: ['payout', 'refund'] })],
])('%s: %o', (expected, changes, to) => {
  expect(answerTo(changes, to)).toBe(expected)
})

test('reasons come in their order: reference, provider, currency, amount, place, settled before', () => {
  const wrong = { place: 'in_payout', settledBy: ['payout'] } as const
  const line: Partial<SettlementLine>[] = [
    { provider: 'paypal', currency: 'EUR', amount: 1n },
    { currency: 'EUR', amount: 1n },
    { amount: 1n },
    {},
  ]
  const answers = [
    answerTo(line[0]!, standing(wrong, wrong)),
    ...line.map((changes) => answerTo(changes, standing(wrong))),
    answerTo({}, standing({ ...wrong, place: 'paid' })),
  ]
  expect(answers).toEqual([
    'ambiguous_reference',
    'provider_differs',
    'currency_differs',
    'amount_differs',
    'not_paid_yet',
    'already_settled',
  ])
  expect(answers).toEqual(unmatchedReasons.filter((reason) => answers.includes(reason)))
})

test('of two lines for one cashout the first settles it, and a refund is another matter', () => {
  const to = standing({ place: 'bounced' })
  const lines = (['payout', 'payout', 'refund', 'refund'] as const).map((type, index) => ({
    line: { ...payout, type, lineId: `L${index}` },
    standing: to,
  }))
  expect(matchLines(lines).map((verdict) => ('reason' in verdict ? verdict.reason : verdict.outcome))).toEqual([
    'matched',
    'already_settled',
    'matched',
    'already_settled',
  ])
})

test('a matched line posts what was settled, and its fee under a cause of its own', () => {
  const posts = (changes: Partial<SettlementLine>, feeCauseId: string | null = null) =>
    requestsOf({ ...payout, ...changes, id: 'I1', feeCauseId }, 'C1')
  const clear = { kind: 'clear', causeId: 'I1', provider: 'stripe', cashoutId: 'C1', amount: 100n, currency: 'USD' }
  expect(posts({})).toEqual([{ ...clear, direction: 'out' }])
  expect(posts({ type: 'refund' })).toEqual([{ ...clear, direction: 'back' }])
  const fee = { kind: 'fee', provider: 'stripe', currency: 'USD' }
  expect(posts({ fee: 3n }, 'I2')).toEqual([
    { ...clear, direction: 'out' },
    { ...fee, causeId: 'I2', amount: 3n },
  ])
  expect(posts({ type: 'fee' })).toEqual([{ ...fee, causeId: 'I1', amount: 100n }])
})
