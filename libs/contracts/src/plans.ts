/** From the smallest to the largest; each has all that the ones before it have. */
export const plans = ['free', 'growth', 'pro', 'enterprise'] as const
export type Plan = (typeof plans)[number]

/** Events a month (UTC); null: as configured, which may be without any limit. */
export const eventsPerMonth: Readonly<Record<Plan, number | null>> = {
  free: 10_000,
  growth: 100_000,
  pro: 1_000_000,
  enterprise: null,
}

/** What not every plan has, by the smallest plan that has it. What is not in here, every plan has. */
export const features = {
  'rules.tiers': { plan: 'growth', name: 'rewards in tiers' },
  'rules.recurring': { plan: 'growth', name: 'recurring rewards' },
  'rules.double-sided': { plan: 'growth', name: 'rewards for the referee' },
  'rules.conditions': { plan: 'pro', name: 'conditions' },
  'rules.backtest': { plan: 'pro', name: 'backtests of rules' },
  'rules.shadow': { plan: 'pro', name: 'versions in shadow' },
  'rules.canary': { plan: 'enterprise', name: 'canaries' },
  'fraud.velocity': { plan: 'growth', name: 'velocity signals' },
  'fraud.disposable-email': { plan: 'growth', name: 'disposable e-mail addresses' },
  'fraud.scoring': { plan: 'pro', name: 'fraud scores' },
  'fraud.device-and-ip': { plan: 'pro', name: 'device and address signals' },
  'fraud.rings': { plan: 'pro', name: 'fraud rings' },
  'fraud.backtest': { plan: 'pro', name: 'backtests of fraud rules' },
  'fraud.custom-rules': { plan: 'enterprise', name: 'fraud rules of your own' },
  'reports.funnel': { plan: 'growth', name: 'the funnel' },
  'reports.cohorts': { plan: 'growth', name: 'cohorts' },
  'reports.top-referrers': { plan: 'growth', name: 'top referrers' },
  'reports.liability': { plan: 'pro', name: 'the liability report' },
  'reports.export': { plan: 'pro', name: 'reports as CSV' },
  'reports.scheduled-export': { plan: 'enterprise', name: 'scheduled exports' },
  'access.finance': { plan: 'growth', name: 'the role finance' },
  'access.support': { plan: 'growth', name: 'the role support' },
  'access.risk': { plan: 'pro', name: 'the role risk' },
  'access.operator': { plan: 'pro', name: 'the role operator' },
  'access.auditor': { plan: 'pro', name: 'the role auditor' },
  'access.single-sign-on': { plan: 'enterprise', name: 'OIDC and SAML' },
  'access.four-eyes': { plan: 'enterprise', name: 'a four-eyes policy' },
  'access.audit-export': { plan: 'enterprise', name: 'the export of the audit log' },
  'workers.dedicated-pools': { plan: 'enterprise', name: 'dedicated worker pools' },
  'workers.sla-report': { plan: 'enterprise', name: 'the SLA report' },
} as const satisfies Readonly<Record<string, Readonly<{ plan: Plan; name: string }>>>

export type Feature = keyof typeof features

/** The smallest plan that has it. */
export function planThatHas(feature: Feature): Plan {
  return features[feature].plan
}

export function hasFeature(plan: Plan, feature: Feature): boolean {
  return plans.indexOf(plan) >= plans.indexOf(planThatHas(feature))
}

/** Types of events that no quota counts or defers: what takes money back must never wait. */
export const uncountedTypes = ['payment.refunded', 'payment.disputed', 'subscription.cancelled'] as const
