import type { Examples } from '@tributary/service-kit'

const userId = '01980f00-1111-7aaa-8bbb-000000000001'
const ruleId = '01980f00-2222-7aaa-8bbb-000000000002'

const aFifth = {
  name: '20 % of every payment, first year',
  eventType: 'subscription.paid',
  currency: 'USD',
  reward: { kind: 'percent', basisPoints: 2_000 },
  holdingDays: 14,
  recurring: { periods: 12 },
}
const fixed = {
  name: '10 USD for a friend who registers',
  eventType: 'user.registered',
  currency: 'USD',
  reward: { kind: 'fixed', amount: 1_000, currency: 'USD' },
  caps: [{ per: 'user', interval: 'month', count: 20 }],
}
const tiers = {
  name: 'More for those who bring many',
  eventType: 'subscription.paid',
  currency: 'USD',
  reward: {
    kind: 'tiers',
    by: 'conversions',
    tiers: [
      { from: 1, basisPoints: 1_000 },
      { from: 10, basisPoints: 2_000 },
    ],
  },
  condition: "event.data.productId == 'pro'",
}

/** Of writing a rule. */
export const ruleExamples: Examples = {
  body: { 'A share of each payment': aFifth, 'A fixed amount, with a cap': fixed, 'In tiers, with a condition': tiers },
  answers: {
    201: {
      'A draft, until it is activated': {
        ...aFifth,
        id: ruleId,
        version: 1,
        status: 'draft',
        reward: { ...aFifth.reward, allowOver100Percent: false },
        beneficiary: 'referrer',
        minimumAmount: null,
        caps: [],
        timeZone: 'UTC',
        validFrom: null,
        validTo: null,
        attributionDays: null,
        condition: null,
        priority: 100,
        stacking: 'all',
        mode: 'active',
        activeFrom: null,
        activeTo: null,
        activatedAt: null,
        activatedBy: null,
        trials: [],
        warnings: [],
        createdAt: '2026-02-20T09:05:00.000Z',
        createdBy: 'client:shop',
      },
    },
  },
}

/** Of letting a rule count. */
export const activationExamples: Examples = {
  body: {
    'From now on': { version: 1 },
    'From a day on': { version: 2, activeFrom: '2026-04-01T00:00:00Z', reason: 'The spring programme' },
    'For a tenth of the users': { version: 2, mode: 'canary', percent: 10 },
  },
}

/** Of asking what an event would earn. */
export const simulationExamples: Examples = {
  body: {
    'A payment, under a rule that does not exist yet': {
      rule: aFifth,
      event: { type: 'subscription.paid', data: { externalUserId: 'customer-7', amount: 4_900, currency: 'USD' } },
    },
  },
  answers: {
    200: {
      'It would earn 9.80 USD': {
        outcome: 'processed',
        reason: null,
        explanation: `A reward was earned. "${aFifth.name}" (version 1) gave the referrer 9.80 USD.`,
        rewards: [
          {
            beneficiary: 'referrer',
            userId,
            amount: { amount: 980, currency: 'USD' },
            ruleId: '00000000-0000-0000-0000-000000000000',
            ruleVersion: 1,
            holdingDays: 14,
          },
        ],
        trace: { rules: [] },
      },
    },
  },
}
