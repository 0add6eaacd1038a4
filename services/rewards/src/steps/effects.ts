import type { Because } from '@tributary/messaging'
import type { NewDecision } from '../store/decisions.ts'
import type { NewDispute, SettledDispute } from '../store/disputes.ts'
import type { Fact } from '../store/facts.ts'
import type { NewHoldChange } from '../store/holds.ts'
import type { InvoicePayment } from '../store/invoices.ts'
import type { NewOccasion } from '../store/occasions.ts'
import type { NewRegistration } from '../store/referees.ts'
import type { NewTouches } from '../store/referral-touches.ts'
import type { NewReferral } from '../store/referrals.ts'
import type { NewRefund } from '../store/refunds.ts'
import type { NewReversal, NewReward, ScreeningNote } from '../store/rewards.ts'
import type { Profile } from '../store/users.ts'
import type { WaitingEvent } from '../store/waiting-events.ts'

/** What an effect goes back to, told to whoever hears of it. */
type Caused<Row> = Row & Readonly<{ because: Because }>

/** `frees`: the customer whose events may have waited for it, by external id. */
type Conversion = Readonly<{
  referralId: string
  referrerId: string
  refereeId: string
  at: Date
  frees: string | null
}>

/** Everything that deciding an event can bring about, each kind as a list, so that a batch is written in a few statements. */
export type Effects = Readonly<{
  members: readonly Caused<{ userId: string; externalUserId: string }>[]
  profiles: readonly Profile[]
  registrations: readonly NewRegistration[]
  referrals: readonly Caused<NewReferral>[]
  /** What registrations told of codes. */
  touches: readonly NewTouches[]
  conversions: readonly Caused<Conversion>[]
  /** Payments to be written onto their anchors; a payment that made its anchor is written already. */
  payments: readonly InvoicePayment[]
  refunds: readonly NewRefund[]
  settledRefunds: readonly { invoiceId: string; refundId: string; revision: number }[]
  disputes: readonly NewDispute[]
  settledDisputes: readonly SettledDispute[]
  rewards: readonly Caused<NewReward>[]
  reversals: readonly Caused<NewReversal>[]
  /** In the order in which they were decided. */
  holds: readonly Caused<NewHoldChange>[]
  screenings: readonly ScreeningNote[]
  waiting: readonly WaitingEvent[]
  /** Ids of events that wait no longer. */
  settledEvents: readonly string[]
  facts: readonly Fact[]
  /** What rules were asked about, in the order of asking. */
  occasions: readonly NewOccasion[]
  decisions: readonly Caused<NewDecision>[]
}>

export const noEffects: Effects = Object.freeze({
  members: [],
  profiles: [],
  registrations: [],
  referrals: [],
  touches: [],
  conversions: [],
  payments: [],
  refunds: [],
  settledRefunds: [],
  disputes: [],
  settledDisputes: [],
  rewards: [],
  reversals: [],
  holds: [],
  screenings: [],
  waiting: [],
  settledEvents: [],
  facts: [],
  occasions: [],
  decisions: [],
})

/** All effects as one, each list in the order of the given ones. */
export function mergeEffects(all: readonly Effects[]): Effects {
  const merged: Record<string, unknown[]> = {}
  for (const kind of Object.keys(noEffects)) {
    merged[kind] = all.flatMap((effects): readonly unknown[] => effects[kind as keyof Effects])
  }
  // Each kind's list is made of lists of that kind.
  return merged as unknown as Effects
}
