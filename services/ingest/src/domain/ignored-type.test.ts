import { expect, it } from 'vitest'
import { ignoredType } from './ignored-type.ts'

it.each([
  ['stripe', 'customer.updated', 'stripe.customer.updated'],
  ['stripe', 'customer.subscription.trial_will_end', 'stripe.customer.subscription.trial_will_end'],
  ['stripe', 'v2.core.account[requirements].updated', 'stripe.v2.core.account_requirements_'],
  ['stripe', 'subscription.paid', 'stripe.subscription.paid'],
  ['shopify', 'orders.create', 'shopify.orders.create'],
  ['shopify', '', 'shopify.other'],
  ['github-style', '...', 'github_style.other'],
  ['stripe', `${'x'.repeat(56)}.y`, 'stripe.other'],
  ['stripe', '\u0000.\ud83c', 'stripe._._'],
])('of %s, %j is kept as %s', (source, name, expected) => {
  const type = ignoredType(source, name)
  expect(type).toBe(expected)
  expect(type).toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+){1,3}$/)
  expect(type.length).toBeLessThanOrEqual(64)
})
