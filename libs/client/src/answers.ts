import type { EveryRoutes } from './generated/every.ts'
import type { LedgerRoutes } from './generated/ledger.ts'
import type { RewardsRoutes } from './generated/rewards.ts'
import type { Event } from './webhook-methods.ts'

/** Integer minor units and an ISO 4217 code. */
export type Money = Readonly<{ amount: number; currency: string }>

/** What a service did because of an event. */
export type Effect = Event['effects'][number]

export type User = RewardsRoutes['GET /api/v1/users/{id}']['gives']
export type ReferralCode = RewardsRoutes['GET /api/v1/referral-codes/{code}']['gives']
export type Referral = RewardsRoutes['GET /api/v1/referrals']['gives']['items'][number]
/** A rule as it is asked for; what is left out has a default. */
export type NewRule = RewardsRoutes['POST /api/v1/reward-rules']['takes'][0]
export type Rule = RewardsRoutes['POST /api/v1/reward-rules']['gives']
export type Reward = RewardsRoutes['GET /api/v1/rewards']['gives']['items'][number]
export type Balance = LedgerRoutes['GET /api/v1/users/{id}/balance']['gives']
export type TrialBalance = LedgerRoutes['GET /api/v1/trial-balance']['gives']
export type DeadLetter = EveryRoutes['GET /api/v1/dead-letters']['gives']['items'][number]
