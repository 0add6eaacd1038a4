export type {
  Balance,
  DeadLetter,
  Effect,
  Event,
  Money,
  NewRule,
  Page,
  Referral,
  ReferralCode,
  Reward,
  Rule,
  TrialBalance,
  User,
} from './answers.ts'
export { type Client, type ClientOptions, type Filter, newClient } from './client.ts'
export { ApiError } from './problem.ts'
export { type Credentials, clientCredentials, fixedToken, type TokenSource } from './token.ts'
export { sendWebhook, signWebhook, type Webhook, type WebhookReceipt } from './webhook.ts'
