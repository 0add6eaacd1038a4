import { createHash } from 'node:crypto'
import type { Transaction } from '@tributary/database'
import type { Context, Publish } from '@tributary/messaging'
import { matchLines, requestsOf, type SettlementLine, type Verdict } from '../domain/settlement.ts'
import type { LedgerMetrics } from '../metrics.ts'
import { findStandings } from '../store/settlement-standings.ts'
import { insertClosings, keepWaiting, type StoredLine } from '../store/settlements.ts'
import { postNow } from './post.ts'

/** What settling needs besides its transaction. */
export type SettleContext = Context & Readonly<{ metrics: LedgerMetrics }>

/** The line with ids to post it under, and the SHA-256 of what it says: the same name with other content is a conflict. */
export function toStoredLine(line: SettlementLine, newId: () => string): StoredLine {
  const { type, reference, amount, currency, fee, settledAt } = line
  // The same instant is the same, whatever the time zone it was written in.
  const content = [type, reference, String(amount), currency, String(fee), new Date(settledAt).toISOString()]
  const fingerprint = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return { ...line, id: newId(), feeCauseId: fee > 0n && type !== 'fee' ? newId() : null, fingerprint }
}

/**
 * Finds what stored lines settle, posts those that match and closes them; the others wait in the queue with their reason.
 * To be called under the ledger's lock. All of it commits with the caller's transaction, or none.
 */
export async function settleLines(
  tx: Transaction,
  publish: Publish,
  context: SettleContext,
  lines: readonly StoredLine[],
): Promise<readonly Verdict[]> {
  const standings = await findStandings(tx, lines)
  const verdicts = matchLines(lines.map((line, index) => ({ line, standing: standings[index]!.standing })))
  const matched = lines.flatMap((line, index) => {
    const verdict = verdicts[index]!
    return verdict.outcome === 'matched' ? [{ line, cashoutId: verdict.cashoutId }] : []
  })
  await postAndClose(tx, publish, context, matched, null)
  const waiting = lines.flatMap((line, index) => {
    const verdict = verdicts[index]!
    return verdict.outcome === 'unmatched' ? [{ line, reason: verdict.reason, seen: standings[index]!.seen }] : []
  })
  await keepWaiting(tx, waiting)
  return verdicts
}

export type MatchedLine = Readonly<{ line: StoredLine; cashoutId: string | null }>

/** Posts matched lines and closes them, in one transaction. `by` is the person who matched them, where it was one. */
export async function postAndClose(
  tx: Transaction,
  publish: Publish,
  { now, newId, metrics }: SettleContext,
  matched: readonly MatchedLine[],
  by: Readonly<{ person: string; reason: string }> | null,
): Promise<void> {
  if (matched.length === 0) return
  const asks = matched.flatMap(({ line, cashoutId }) =>
    requestsOf(line, cashoutId).map((request) => ({
      request,
      because: { correlationId: line.id, subject: line.id },
      effectiveAt: line.settledAt,
    })),
  )
  const posted = await postNow(tx, publish, newId, asks)
  const refused = posted.find(({ status }) => status !== 'posted')
  // Nothing that was matched can be refused; a closed line whose money did not move would be worse than no answer.
  if (refused !== undefined) throw new Error(`a matched settlement line was answered ${refused.status}`)
  for (const { kind } of posted.flatMap(({ transfers }) => transfers)) metrics.posted(kind, null)
  const closings = matched.map(({ line, cashoutId }) => ({ line, outcome: 'matched' as const, cashoutId }))
  await insertClosings(tx, closings, { at: now, person: by?.person ?? null, reason: by?.reason ?? null })
}
