import { describe, expect, it } from 'vitest'
import { termsBeforeAny } from './attribution.ts'
import { type Attributing, attribute, refusalOfReferrer } from './referral.ts'

const owner = { userId: 'ann', code: 'ANN', email: 'Ann@example.com' }
const bob = { externalUserId: 'bob', userId: 'bob', referral: null }
const typed = (code: string) => [{ code, atMs: 0, isTyped: true }]
const registration = { email: null, registeredMs: 0, touches: typed('ann') }
const attributing: Attributing = { terms: termsBeforeAny, whoseIs: () => owner, brought: new Map() }

const nobodys = () => 'unknown' as const
const retired = () => 'retired' as const

describe('a registration', () => {
  it('with a code brings a referral', () => {
    expect(attribute(registration, bob, attributing)).toEqual({
      kind: 'attributed',
      owner,
      reason: null,
      touches: [{ code: 'ANN', atMs: 0, owner, outcome: 'chosen' }],
    })
  })

  it("with an address as blank as the owner's brings one: no address is like no other", () => {
    const nameless = { ...attributing, whoseIs: () => ({ ...owner, email: '' }) }
    expect(attribute({ ...registration, email: ' ' }, bob, nameless)).toMatchObject({ kind: 'attributed' })
  })

  it.each([
    ['without a code', { touches: [] }, {}, {}, ['none', 'no_code']],
    ['with a blank for a code', { touches: typed('  ') }, {}, {}, ['none', 'no_code']],
    ['with a code nobody has', {}, { whoseIs: nobodys }, {}, ['none', 'code_unknown']],
    ['with a code whose owner was erased', {}, { whoseIs: retired }, {}, ['none', 'code_retired']],
    ['with their own code', {}, {}, { userId: 'ann' }, ['rejected', 'self_referral']],
    ["with the owner's e-mail address", { email: ' ann@EXAMPLE.com' }, {}, {}, ['rejected', 'self_referral']],
    [
      'with a code of whom they brought',
      {},
      { brought: new Map([['ann', 'bob']]) },
      {},
      ['rejected', 'circular_referral'],
    ],
    ['of somebody who has a referral already', {}, {}, { referral: {} as never }, ['none', 'already_attributed']],
  ] as const)('%s brings none', (_, given, around, who, expected) => {
    const { kind, reason } = attribute({ ...registration, ...given }, { ...bob, ...who }, { ...attributing, ...around })
    expect([kind, reason]).toEqual(expected)
  })

  it('tells the nearest miss where nobody was chosen', () => {
    const touches = [
      { code: 'nobody', atMs: 0, isTyped: true },
      { code: 'ann', atMs: -86_400_001, isTyped: false },
      { code: 'ann', atMs: 60_000, isTyped: false },
    ]
    const whoseIs = (code: string) => (code === 'ann' ? owner : 'unknown')
    const terms = { ...termsBeforeAny, touchDays: 1 }
    const { reason } = attribute({ ...registration, touches }, bob, { ...attributing, terms, whoseIs })
    expect(reason).toBe('outside_touch_window')
  })

  it("is of who may be its referrer, though an own code was met as well; alone, one's own is rejected", () => {
    const touches = [...typed('bob'), { code: 'ann', atMs: -1000, isTyped: false }]
    const whoseIs = (code: string) => (code === 'ann' ? owner : { userId: 'bob', code: 'BOB', email: null })
    expect(attribute({ ...registration, touches }, bob, { ...attributing, whoseIs })).toMatchObject({
      kind: 'attributed',
      owner,
      touches: [
        { code: 'BOB', outcome: 'self_referral' },
        { code: 'ANN', outcome: 'chosen' },
      ],
    })
  })
})

describe('who may not have brought whom', () => {
  const person = (userId: string) => ({ userId, email: null })
  const brought = new Map([
    ['c', 'b'],
    ['b', 'a'],
    ['x', 'y'],
    ['y', 'x'],
  ])
  it.each([
    ['b', 'a', 'circular_referral'],
    ['c', 'a', 'circular_referral'],
    ['a', 'c', null],
    ['a', 'z', null],
    ['x', 'z', null],
  ])('%s brings %s: %s', (referrer, referee, refusal) => {
    expect(refusalOfReferrer(person(referrer), person(referee), brought)).toBe(refusal)
  })
})
