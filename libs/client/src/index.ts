export type {
  Balance,
  DeadLetter,
  Effect,
  Money,
  NewRule,
  Referral,
  ReferralCode,
  Reward,
  Rule,
  TrialBalance,
  User,
} from './answers.ts'
export type { CallOptions } from './call.ts'
export { type Client, type ClientOptions, newClient } from './client.ts'
export type { Currency } from './currency.ts'
export { readJsonLines, readLines } from './lines.ts'
export { allItems, type Page } from './lists.ts'
export { ApiError } from './problem.ts'
export type { Retries } from './retry.ts'
export { type Credentials, clientCredentials, fixedToken, type TokenSource } from './token.ts'
export { type SendOptions, sendWebhook, signWebhook, type Webhook, type WebhookReceipt } from './webhook.ts'
export type { Event, WebhookCheck } from './webhook-methods.ts'
