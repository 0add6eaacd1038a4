import { describe, expect, it } from 'vitest'
import { compileCondition } from './cel.ts'
import type { ConditionInput } from './domain/condition.ts'

const input: ConditionInput = {
  event: {
    type: 'subscription.paid',
    timestamp: new Date('2026-05-31T22:30:00Z'),
    amount: 4999n,
    currency: 'USD',
    data: { productId: 'pro', seats: 5, tags: ['new', 'eu'], plan: { yearly: true } },
  },
  referrer: { id: 'ann', conversions: 3n },
  referee: { id: 'bob' },
  referral: { id: 'r', attributedAt: new Date('2026-05-01T00:00:00Z'), ageDays: 30n },
  invoice: { id: 'i', subscriptionId: 's', period: 2n },
}

function ask(text: string, given: ConditionInput = input) {
  const compiled = compileCondition(text)
  if (compiled.kind === 'faulty') throw new Error(compiled.fault.message)
  return compiled.condition.ask(given)
}

const faultOf = (text: string) => {
  const compiled = compileCondition(text)
  return compiled.kind === 'faulty' ? compiled.fault : null
}

it.each([
  ["event.data.productId == 'pro' && referrer.conversions < 100", true],
  ["event.data.productId == 'basic'", false],
  ["event.data.productId in ['pro', 'team']", true],
  ["'eu' in event.data.tags", true],
  ['event.data.seats >= 5 && event.data.seats < 6', true],
  ['event.data.seats * 2.0 == 10.0', true],
  ['event.data.plan.yearly', true],
  ["event.data['productId'].startsWith('p')", true],
  ['event.amount > 4998 && event.currency == "USD"', true],
  ["event.timestamp >= timestamp('2026-05-31T00:00:00Z') && event.timestamp.getHours() == 22", true],
  ['invoice.period <= 2 && referral.ageDays >= 30', true],
  ['referrer.id != referee.id', true],
])('%s is %s', (text, met) => {
  expect(ask(text).met).toBe(met)
})

describe('what an event does not tell', () => {
  it.each([
    ["event.data.colour == 'red'", false, 'equal to something'],
    ["event.data.colour != 'red'", false, 'unequal, too'],
    ["!(event.data.colour == 'red')", false, 'nor is the contrary met'],
    ["has(event.data.colour) && event.data.colour == 'red'", false, 'unless it was asked whether it is there'],
    ["!has(event.data.colour) || event.data.colour != 'red'", true, 'which says what is meant'],
    ["event.data.colour == 'red' || event.data.productId == 'pro'", true, 'another way to be met is enough'],
    ["event.data.colour == 'red' && event.data.productId == 'pro'", false, 'one part of an and cannot be known'],
    ['event.data.plan.monthly.price > 1', false, 'however deep'],
    ["event.data.seats == 'five'", false, 'another type is not equal'],
    ["event.data.seats > 'five'", false, 'nor in any order'],
  ])('%s is %s: %s', (text, met) => {
    expect(ask(text).met).toBe(met)
  })

  it('is told with the answer', () => {
    const { met, seen } = ask("event.data.colour == 'red' && referrer.conversions < 10")
    expect(met).toBe(false)
    expect(seen).toBe('event.data.colour = not told, referrer.conversions = 3 (No such key: colour)')
  })

  it('is the whole invoice where the event is no payment', () => {
    const { invoice: _, ...noPayment } = input
    expect(ask('invoice.period == 1', noPayment)).toMatchObject({ met: false })
    const { amount: __, ...event } = input.event
    expect(ask('event.amount > 0', { ...input, event }).met).toBe(false)
  })
})

it('values seen are told, and shortened', () => {
  const { seen } = ask("event.data.note != ''", {
    ...input,
    event: { ...input.event, data: { note: 'x'.repeat(500) } },
  })
  expect(seen).toMatch(/^event.data.note = "x+\.\.\.$/)
  expect(seen.length).toBeLessThan(100)
})

it.each([
  ["event.amount > 'a'", 'no such overload: int > string', 0],
  ['referrer.conversions +', 'Unexpected token: EOF', 22],
  ['event.foo == 1', 'No such key: foo', 6],
  ['customer.age > 1', 'Unknown variable: customer', 0],
  ['event.amount', 'must be true or false, and this is int', 0],
  ["event.data.productId.matches('(a+)+$')", /patterns are not taken here/, 0],
  ["event.data.tags.exists(tag, tag == 'eu')", /exists is not known here, or loops/, 0],
  ['event.data.tags.all(a, event.data.tags.all(b, a == b))', /all is not known here, or loops/, 0],
  ["event.timestamp.getHours('Europe/Berlin') < 3", /takes no time zone/, 0],
  [Array.from({ length: 120 }, () => 'event.amount > 1').join(' && '), /nodes|depth/i, expect.any(Number)],
  ['('.repeat(5_000), /./, expect.any(Number)],
])('%.60s is refused, and where', (text, message, at) => {
  expect(faultOf(text)).toEqual({ message: expect.stringMatching(message), at })
})

it('the prototypes of objects cannot be reached', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect(ask(`has(event.data.${name})`).met).toBe(false)
  }
})

it('is compiled once', () => {
  expect(compileCondition('referrer.conversions == 1')).toBe(compileCondition('referrer.conversions == 1'))
})
