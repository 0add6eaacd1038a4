import type { Services } from '../stack.ts'

const rule = {
  eventType: 'subscription.paid',
  currency: 'USD',
  reward: { kind: 'percent', basisPoints: 2000 },
  holdingDays: 14,
}

/** Large enough that no run uses them up; they are asked and spent all the same. */
const caps = [
  { per: 'user', interval: 'month', amount: 1_000_000_000_000 },
  { per: 'rule', interval: 'total', count: 1_000_000_000 },
]

/** Five with a condition and caps. The first gives; two more match and are suppressed by it; two are for other products. */
const conditional = Array.from({ length: 5 }, (_, index) => ({
  ...rule,
  name: `for a product ${index}`,
  caps,
  priority: 900 - index,
  stacking: 'highestPriority',
  condition:
    index < 3
      ? 'event.amount > 10 && referrer.conversions < 1000000'
      : `event.data.productId == 'product-${index}' && referral.ageDays < 365`,
}))

/** Fourteen that payments of the benchmark do not fit, each for a reason that has to be found. */
const plain = Array.from({ length: 14 }, (_, index) => ({
  ...rule,
  name: `for larger payments ${index}`,
  beneficiary: index % 2 === 0 ? 'referrer' : 'referee',
  minimumAmount: 1_000_000 + index,
  attributionDays: 365,
  validFrom: '2020-01-01T00:00:00Z',
}))

/** Activates nineteen rules beside the one that the programme has. */
export async function seedTwentyRules(services: Services): Promise<void> {
  for (const definition of [...conditional, ...plain]) {
    const { id } = await services.call<{ id: string }>('POST', 'rewards', '/api/v1/reward-rules', definition)
    await services.call('POST', 'rewards', `/api/v1/reward-rules/${id}/activate`, { version: 1 })
  }
}
