import { describe, expect, it } from 'vitest'
import { attribute } from './referral.ts'

const owner = { userId: 'ann', code: 'ANN', email: 'Ann@example.com' }
const bob = { externalUserId: 'bob', userId: 'bob', referral: null }

describe('a registration', () => {
  it('with a code brings a referral', () => {
    expect(attribute({ email: null, referralCode: 'ann' }, bob, owner)).toEqual({
      kind: 'attributed',
      owner,
      reason: null,
    })
  })

  it("with an address as blank as the owner's brings one: no address is like no other", () => {
    const nameless = { ...owner, email: '' }
    expect(attribute({ email: ' ', referralCode: 'ann' }, bob, nameless)).toMatchObject({ kind: 'attributed' })
  })

  it.each([
    ['without a code', { referralCode: null }, {}, ['none', 'no_code']],
    ['with a blank for a code', { referralCode: '  ' }, {}, ['none', 'no_code']],
    ['with a code nobody has', {}, { whose: undefined }, ['none', 'code_unknown']],
    ['with their own code', {}, { who: { ...bob, userId: 'ann' } }, ['rejected', 'self_referral']],
    ["with the owner's e-mail address", { email: ' ann@EXAMPLE.com' }, {}, ['rejected', 'self_referral']],
    [
      'of somebody who has a referral already',
      {},
      {
        who: {
          ...bob,
          referral: { id: '1', referrerId: 'eve', refereeId: 'bob', state: 'rejected', attributedMs: 0 } as never,
        },
      },
      ['none', 'already_attributed'],
    ],
  ] as const)('%s brings none', (_, given, around, expected) => {
    // `whose: undefined` must reach it as such, past the default.
    const whose = 'whose' in around ? undefined : owner
    const who = 'who' in around ? around.who : bob
    const { kind, reason } = attribute({ email: null, referralCode: 'ann', ...given }, who, whose)
    expect([kind, reason]).toEqual(expected)
  })
})
