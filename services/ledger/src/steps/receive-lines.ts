import type { Transaction } from '@tributary/database'
import type { Publish } from '@tributary/messaging'
import type { SettlementLine, Verdict } from '../domain/settlement.ts'
import { findKnownLines, insertLines, type LineState, lockLedger, type StoredLine } from '../store/settlements.ts'
import { type SettleContext, settleLines, toStoredLine } from './settle-lines.ts'

/**
 * What became of a line: `conflict` says that its name is known with other content, which stands. `repeated`: it was known
 * with this very content, and is answered as it stands now.
 */
export type LineAnswer = Readonly<{
  id: string
  lineId: string
  status: LineState['status'] | 'conflict'
  reason: string | null
  cashoutId: string | null
  repeated: boolean
}>

/** Takes in the lines of a file of one provider: keeps those that are new and settles what they match. Answers each, in order. */
export async function receiveLines(
  tx: Transaction,
  publish: Publish,
  context: SettleContext,
  file: Readonly<{ provider: string; lines: readonly SettlementLine[]; receivedBy: string }>,
): Promise<readonly LineAnswer[]> {
  await lockLedger(tx)
  const lines = file.lines.map((line) => toStoredLine(line, context.newId))
  const names = lines.map(({ lineId }) => lineId)
  const known = new Map((await findKnownLines(tx, file.provider, names)).map((line) => [line.lineId, line]))
  const fresh = firstOfEachName(lines.filter(({ lineId }) => !known.has(lineId)))
  if (fresh.length > 0) await insertLines(tx, fresh, { at: context.now, by: file.receivedBy })
  const verdicts = await settleLines(tx, publish, context, fresh)
  const states = new Map([...known].map(([name, { fingerprint, ...state }]) => [name, { fingerprint, state }]))
  for (const [index, line] of fresh.entries()) {
    states.set(line.lineId, {
      fingerprint: line.fingerprint,
      state: { ...toState(line, verdicts[index]!), lineId: line.lineId },
    })
  }
  return lines.map((line) => {
    const { fingerprint, state } = states.get(line.lineId)!
    if (fingerprint === line.fingerprint) return { ...state, repeated: state.id !== line.id }
    const { id, lineId } = state
    return { id, lineId, status: 'conflict', reason: 'other_content', cashoutId: null, repeated: false }
  })
}

function firstOfEachName(lines: readonly StoredLine[]): readonly StoredLine[] {
  return [...new Map(lines.toReversed().map((line) => [line.lineId, line])).values()].toReversed()
}

function toState({ id }: StoredLine, verdict: Verdict): LineState {
  return verdict.outcome === 'matched'
    ? { id, status: 'matched', reason: null, cashoutId: verdict.cashoutId }
    : { id, status: 'unmatched', reason: verdict.reason, cashoutId: null }
}
