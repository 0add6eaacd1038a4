import { ignoredFor, processed, type Verdict } from './verdict.ts'

export type DisputeStatus = 'opened' | 'won' | 'lost'

/** What one event says of a dispute. Without an amount it is about the whole payment, without a currency in the payment's. */
export type DisputeNotice = Readonly<{
  disputeId: string
  status: DisputeStatus
  amount: bigint | null
  currency: string | null
}>

/** What was said of an invoice's disputes, by dispute and status. */
export type Disputes = ReadonlyMap<string, ReadonlyMap<DisputeStatus, DisputeNotice>>

type Paid = Readonly<{ amount: bigint; currency: string }>

/** So many disputes of one invoice are remembered; each may hold every reward of it. */
export const DISPUTES_MAX = 100

/**
 * How a dispute stands, whatever came first: lost beats won, and both beat opened. What was taken back for a loss cannot
 * be given again, so a loss is final; whoever says won after it contradicts it. A loss in another currency than the
 * payment's cannot be computed, and counts for nothing.
 */
function standingOf(notices: ReadonlyMap<DisputeStatus, DisputeNotice>, paid: Paid): DisputeStatus | null {
  const lost = notices.get('lost')
  if (lost !== undefined && isIn(lost, paid)) return 'lost'
  if (notices.has('won')) return 'won'
  return notices.has('opened') ? 'opened' : null
}

/** What of a payment was lost in disputes: their sum, for each is about money of its own; not capped. */
export function lossOf(disputes: Disputes, paid: Paid): bigint {
  let loss = 0n
  for (const notices of disputes.values()) {
    if (standingOf(notices, paid) === 'lost') loss += notices.get('lost')!.amount ?? paid.amount
  }
  return loss
}

/** Ids of the disputes that nobody has ruled on yet. */
export function openDisputes(disputes: Disputes, paid: Paid): Set<string> {
  const open = [...disputes].filter(([, notices]) => standingOf(notices, paid) === 'opened')
  return new Set(open.map(([id]) => id))
}

/** Why a notice is not remembered; null where it is new. */
export function refusalOf(disputes: Disputes, notice: DisputeNotice): Verdict | null {
  const notices = disputes.get(notice.disputeId)
  if (notices === undefined) return disputes.size < DISPUTES_MAX ? null : ignoredFor('too_many_disputes')
  const known = notices.get(notice.status)
  if (known === undefined) return null
  const isRepeated = known.amount === notice.amount && known.currency === notice.currency
  return ignoredFor(isRepeated ? 'dispute_already_known' : 'dispute_conflict')
}

export function withNotice(disputes: Disputes, notice: DisputeNotice): Disputes {
  const notices = new Map(disputes.get(notice.disputeId)).set(notice.status, notice)
  return new Map(disputes).set(notice.disputeId, notices)
}

const nothingFor = { opened: 'hold', won: 'resume', lost: 'reverse' } as const

/** The answer to a notice, which is among `disputes`, once its payment is decided and rewards were changed because of it. */
export function disputeVerdict(
  disputes: Disputes,
  paid: Paid,
  notice: DisputeNotice,
  { rewards, touched }: Readonly<{ rewards: number; touched: number }>,
): Verdict {
  const { disputeId, status } = notice
  if (status === 'lost' && !isIn(notice, paid)) return ignoredFor('currency_mismatch')
  const standing = standingOf(disputes.get(disputeId)!, paid)
  if (standing !== status) return ignoredFor(status === 'won' ? 'dispute_conflict' : 'dispute_outdated')
  if (touched > 0) return processed
  return ignoredFor(`${rewards === 0 ? 'no_reward' : 'nothing'}_to_${nothingFor[status]}`)
}

/** Whether a notice's amount can be computed with: it is the payment's money, or all of it. */
export const isIn = (notice: DisputeNotice, paid: Paid): boolean =>
  notice.amount === null || notice.currency === null || notice.currency === paid.currency
