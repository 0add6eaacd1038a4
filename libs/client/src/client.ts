import type { ServiceName } from '@tributary/contracts'
import type * as answers from './answers.ts'
import { newCall } from './http.ts'
import type { TokenSource } from './token.ts'
import { sendWebhook, type Webhook } from './webhook.ts'

export type ClientOptions = Readonly<{
  /** Where the services are; only those that are called are needed. */
  urls: Readonly<Partial<Record<ServiceName, string>>>
  tokens: TokenSource
  /** Signs webhooks; needed only to send them. */
  webhookSecret?: string
  timeoutMs?: number
}>

export type Filter = Readonly<Record<string, string | number | undefined>>
export type Client = ReturnType<typeof newClient>

/** The API of a running Tributary, typed. Each method is one request; refusals reject with ApiError. */
export function newClient({ urls, tokens, webhookSecret, timeoutMs = 30_000 }: ClientOptions) {
  const call = newCall(tokens, timeoutMs)
  const at = (service: ServiceName, path: string) => {
    const base = urls[service]
    if (base === undefined) throw new Error(`the client was not told where ${service} is`)
    return new URL(path, base).href
  }
  return {
    ...webhookCalls(call, at, webhookSecret),
    ...rewardsCalls(call, at),
    ...ledgerCalls(call, at),
    ...deadLetterCalls(call, at),
  }
}

type Caller = ReturnType<typeof newCall>
type At = (service: ServiceName, path: string) => string
const id = encodeURIComponent

function webhookCalls(call: Caller, at: At, secret: string | undefined) {
  return {
    sendWebhook(webhook: Webhook) {
      if (secret === undefined) throw new Error('the client was given no webhook secret')
      return sendWebhook(at('ingest', '/'), secret, webhook)
    },
    getEvent: (eventId: string) => call<answers.Event>('GET', at('ingest', `/api/v1/webhooks/events/${id(eventId)}`)),
    listEvents: (query: Filter = {}) =>
      call<answers.Page<answers.Event>>('GET', at('ingest', '/api/v1/webhooks/events'), { query }),
    replayEvent: (eventId: string, body: answers.EventReplay = {}) =>
      call<answers.EventReplayed>('POST', at('ingest', `/api/v1/webhooks/events/${id(eventId)}/replay`), { body }),
    /** Publishes all events of a range again; `getReplay` tells how far it is. */
    createReplay: (body: answers.RangeReplay) =>
      call<answers.Replay>('POST', at('ingest', '/api/v1/webhooks/replays'), { body }),
    getReplay: (replayId: string) =>
      call<answers.Replay>('GET', at('ingest', `/api/v1/webhooks/replays/${id(replayId)}`)),
  }
}

function rewardsCalls(call: Caller, at: At) {
  return {
    createUser: (body: { externalId: string; email?: string; name?: string }) =>
      call<answers.User>('POST', at('rewards', '/api/v1/users'), { body }),
    getUser: (userId: string) => call<answers.User>('GET', at('rewards', `/api/v1/users/${id(userId)}`)),
    findUsers: (query: Filter) => call<answers.Page<answers.User>>('GET', at('rewards', '/api/v1/users'), { query }),
    createReferralCode: (userId: string, body: { code?: string } = {}) =>
      call<answers.ReferralCode>('POST', at('rewards', `/api/v1/users/${id(userId)}/referral-codes`), { body }),
    listReferrals: (query: Filter = {}) =>
      call<answers.Page<answers.Referral>>('GET', at('rewards', '/api/v1/referrals'), { query }),
    createRule: (body: answers.NewRule) => call<answers.Rule>('POST', at('rewards', '/api/v1/reward-rules'), { body }),
    activateRule: (ruleId: string, body: { version: number; activeFrom?: string }) =>
      call<answers.Rule>('POST', at('rewards', `/api/v1/reward-rules/${id(ruleId)}/activate`), { body }),
    listRewards: (query: Filter = {}) =>
      call<answers.Page<answers.Reward>>('GET', at('rewards', '/api/v1/rewards'), { query }),
    getReward: (rewardId: string) => call<answers.Reward>('GET', at('rewards', `/api/v1/rewards/${id(rewardId)}`)),
    /** Without an amount, all that is left. */
    reverseReward: (rewardId: string, body: { amount?: number; reason: string }, idempotencyKey: string) =>
      call<answers.Reward>('POST', at('rewards', `/api/v1/rewards/${id(rewardId)}/reverse`), { body, idempotencyKey }),
    holdReward: (rewardId: string, reason: string) =>
      call<answers.Reward>('POST', at('rewards', `/api/v1/rewards/${id(rewardId)}/hold`), { body: { reason } }),
    resumeReward: (rewardId: string, reason: string) =>
      call<answers.Reward>('POST', at('rewards', `/api/v1/rewards/${id(rewardId)}/resume`), { body: { reason } }),
    listDecisions: (query: Filter) =>
      call<answers.Page<Record<string, unknown>>>('GET', at('rewards', '/api/v1/decisions'), { query }),
  }
}

function ledgerCalls(call: Caller, at: At) {
  return {
    getBalance: (userId: string, query: Filter = {}) =>
      call<answers.Balance>('GET', at('ledger', `/api/v1/users/${id(userId)}/balance`), { query }),
    listEntries: (userId: string, query: Filter = {}) =>
      call<answers.Page<Record<string, unknown>>>('GET', at('ledger', `/api/v1/users/${id(userId)}/entries`), {
        query,
      }),
    getTrialBalance: (query: Filter = {}) =>
      call<answers.TrialBalance>('GET', at('ledger', '/api/v1/trial-balance'), { query }),
    verifyBooks: () => call<Record<string, unknown>>('POST', at('ledger', '/api/v1/verifications'), { body: {} }),
  }
}

function deadLetterCalls(call: Caller, at: At) {
  const path = '/api/v1/dead-letters'
  return {
    listDeadLetters: (service: ServiceName, query: Filter = {}) =>
      call<answers.Page<answers.DeadLetter>>('GET', at(service, path), { query }),
    getDeadLetter: (service: ServiceName, deadLetterId: string) =>
      call<answers.DeadLetter & { payload: string }>('GET', at(service, `${path}/${id(deadLetterId)}`)),
    replayDeadLetter: (service: ServiceName, deadLetterId: string) =>
      call<answers.DeadLetter>('POST', at(service, `${path}/${id(deadLetterId)}/replay`)),
    discardDeadLetter: (service: ServiceName, deadLetterId: string, reason: string) =>
      call<answers.DeadLetter>('POST', at(service, `${path}/${id(deadLetterId)}/discard`), { body: { reason } }),
  }
}
