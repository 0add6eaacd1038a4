import {
  customEvent,
  type Envelope,
  type EventData,
  type EventDefinition,
  isOfKind,
  paymentDisputed,
  paymentRefunded,
  screeningFailed,
  screeningHeld,
  screeningPassed,
  subscriptionCancelled,
  subscriptionPaid,
  transferRefused,
  userRegistered,
} from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import type { LoadContext } from '@tributary/messaging'
import { causeOfInvoice } from '../domain/cause.ts'
import { type InvoicePayment, insertPayments, lockInvoices } from '../store/invoices.ts'
import { lockReferees } from '../store/referees.ts'
import { lockRewardsNamed } from '../store/reward-locks.ts'
import { listWaitingInvoices } from '../store/waiting-events.ts'
import { paymentOf } from './payment.ts'
import { arrivedEvent } from './sender-event.ts'
import { takeTurnFor } from './take-turn.ts'

/** So many waiting events are decided with a batch of registrations; the job settle-waiting-events does the rest. */
export const LATE_MAX = 1_000

type Of<E extends EventDefinition> = Envelope<EventData<E>>

/** Types that meet on the same rows by themselves, in one order. */
const groups: readonly (readonly EventDefinition[])[] = [
  [userRegistered, subscriptionPaid, customEvent],
  [subscriptionCancelled],
  [paymentRefunded],
  [paymentDisputed],
  [screeningPassed, screeningHeld, screeningFailed],
  [transferRefused],
]

// By the batch, of which there is one a transaction: a batch that is handled again is another one.
const locked = new WeakMap<readonly Envelope[], Promise<ReadonlySet<string> | null>>()

/**
 * Takes the turn, where rules ask for one, then locks all that the transaction's events meet on, whatever their types, in
 * the order that everyone keeps to: customers, invoices, rewards, each sorted. Handlers would lock them type by type, and two batches of mixed types could
 * wait for each other. Answers the invoices whose anchor was made with their payment; null where one group of types locks
 * for itself.
 */
export function lockAnchors(tx: Transaction, { all, now }: LoadContext): Promise<ReadonlySet<string> | null> {
  const known = locked.get(all)
  if (known !== undefined) return known
  const present = groups.filter((group) => group.some((kind) => of(kind, all).length > 0))
  const locking = takeTurnFor(tx, all).then(() => (present.length < 2 ? null : lockAll(tx, all, now)))
  locked.set(all, locking)
  return locking
}

async function lockAll(tx: Transaction, all: readonly Envelope[], now: Date): Promise<ReadonlySet<string>> {
  await lockMeetingCustomers(tx, all, now)
  const payments = firstPayments(of(subscriptionPaid, all))
  const moneyBack = [...of(paymentRefunded, all), ...of(paymentDisputed, all)].map(({ data }) => data.invoiceId)
  const registering = of(userRegistered, all).map(({ data }) => data.externalUserId)
  const written = await insertPayments(tx, payments, now, moneyBack)
  const others = [...payments.map(({ invoiceId }) => invoiceId).filter((id) => !written.has(id)), ...moneyBack]
  await lockInvoices(tx, [...others, ...(await listWaitingInvoices(tx, registering, LATE_MAX))])
  await lockRewardsNamed(tx, {
    causes: moneyBack.map(causeOfInvoice),
    rewardIds: groups[4]!.flatMap((kind) => of(kind as typeof screeningPassed, all)).map(({ data }) => data.subjectId),
    transactionIds: of(transferRefused, all).map(({ data }) => data.causeId),
    subscriptionIds: of(subscriptionCancelled, all).map(({ data }) => data.subscriptionId),
  })
  return written
}

/** Locks the customers that the events meet on, and answers all of them. */
export async function lockMeetingCustomers(tx: Transaction, all: readonly Envelope[], now: Date) {
  const meeting = [...groups[0]!, subscriptionCancelled].flatMap((kind) => of(kind as typeof userRegistered, all))
  if (meeting.length === 0) return new Map<string, never>()
  return lockReferees(
    tx,
    meeting.map(({ data }) => data.externalUserId),
    now,
  )
}

/** The first payment of each invoice of a batch: it may be written onto the anchor that it makes. */
export function firstPayments(events: readonly Of<typeof subscriptionPaid>[]): InvoicePayment[] {
  const payments = events.toReversed().map((event) => paymentOf(event.data, arrivedEvent(event, null)))
  return [...new Map(payments.map((payment) => [payment.invoiceId, payment])).values()]
}

/** Those of a kind; the library has parsed them by its schema. */
function of<E extends EventDefinition>(kind: E, all: readonly Envelope[]): Of<E>[] {
  return all.filter(({ type }) => isOfKind(type, kind.type)) as Of<E>[]
}
