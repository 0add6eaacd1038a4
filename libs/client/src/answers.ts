/** One page of a list. */
export type Page<Item> = Readonly<{ items: readonly Item[]; nextCursor: string | null }>

/** Integer minor units and an ISO 4217 code. */
export type Money = Readonly<{ amount: number; currency: string }>

export type Event = Readonly<{
  eventId: string
  webhookId: string
  type: string
  status: 'received' | 'processed' | 'ignored' | 'deferred' | 'parked'
  receivedAt: string
  body?: unknown
  effects?: readonly Effect[]
}>

export type EventReplay = Readonly<{ reason?: string; force?: Readonly<{ id: string; reason: string }> }>
export type EventReplayed = Readonly<{ eventId: string; replayId?: string; forcedEventId?: string }>
export type RangeReplay = Readonly<{
  from: string
  to: string
  type?: string
  source?: string
  status?: Event['status']
  reason?: string
  eventsPerSecond?: number
}>
export type Replay = Readonly<{
  id: string
  state: 'running' | 'done' | 'cancelled'
  replayed: number
  leftOut: number
}>

export type Effect = Readonly<{
  service: string
  kind: string
  id: string
  outcome: string
  reason?: string
  at: string
}>

export type User = Readonly<{ id: string; externalId: string | null; email?: string | null; name?: string | null }>
export type ReferralCode = Readonly<{ code: string; userId: string }>
export type Referral = Readonly<{ id: string; status: 'registered' | 'converted' | 'rejected' | 'expired' }>

/** A rule as it is asked for; everything beyond these four has a default. */
export type NewRule = Readonly<{
  name: string
  eventType: string
  currency: string
  reward: Readonly<{ kind: 'percent'; basisPoints: number } | { kind: 'fixed'; amount: number; currency: string }>
  beneficiary?: 'referrer' | 'referee'
  holdingDays?: number
  minimumAmount?: number
  [more: string]: unknown
}>

export type Rule = Readonly<{ id: string; version: number; name: string }>

export type Reward = Readonly<{
  id: string
  userId: string
  status: 'pending' | 'held' | 'available' | 'reversed' | 'refused'
  amount: Money
}>

export type Balance = Readonly<{
  userId: string
  balances: readonly Readonly<{
    currency: string
    pending: number
    available: number
    held: number
    inPayout: number
    owed: number
    totalEarned: number
  }>[]
}>

export type TrialBalance = Readonly<{ balanced: boolean; [more: string]: unknown }>

export type DeadLetter = Readonly<{
  id: string
  messageId: string | null
  subject: string | null
  type: string
  reason: string
  attempts: number
  parkedAt: string
  status: 'parked' | 'replayed' | 'discarded'
}>
