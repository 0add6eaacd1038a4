import { expect, it } from 'vitest'
import { eventsPerMonth, type Feature, features, hasFeature, plans, planThatHas } from './plans.ts'

const all = Object.keys(features) as Feature[]

it('every feature is in the plan that is named for it and the larger ones, and in none of the smaller ones', () => {
  for (const feature of all) {
    const having = plans.filter((plan) => hasFeature(plan, feature))
    expect(having).toEqual(plans.slice(plans.indexOf(planThatHas(feature))))
  }
})

it('a larger plan has more', () => {
  const counts = plans.map((plan) => all.filter((feature) => hasFeature(plan, feature)).length)
  expect(counts).toEqual([0, 10, 22, 30])
  expect(plans.map((plan) => eventsPerMonth[plan])).toEqual([10_000, 100_000, 1_000_000, null])
})

it.each([
  ['rules.tiers', 'growth'],
  ['rules.conditions', 'pro'],
  ['rules.canary', 'enterprise'],
  ['reports.export', 'pro'],
  ['access.single-sign-on', 'enterprise'],
] as const)('%s comes with %s', (feature, plan) => expect(planThatHas(feature)).toBe(plan))
