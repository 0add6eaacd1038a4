import { createHash } from 'node:crypto'
import type { Findings } from './findings.ts'
import type { CauseRow, ConflictRow, TransferRow } from './rows.ts'

/** Whether each cause of a batch names its transfers, all of them and in order, and its fingerprint is that of what was asked. */
export function checkCauses(
  causes: readonly (CauseRow | ConflictRow)[],
  transfers: readonly TransferRow[],
  found: Findings<'causes_match_their_transfers' | 'causes_match_their_fingerprints'>,
): void {
  const byCause = Map.groupBy(transfers, ({ causeId }) => causeId)
  for (const cause of causes) {
    if (cause.type === 'conflict') continue
    found.looked('causes_match_their_transfers')
    const ids = (byCause.get(cause.causeId) ?? []).map(({ id }) => id)
    const isAnswer =
      cause.outcome === 'posted' ? ids.length > 0 && cause.reason === null : ids.length === 0 && cause.reason !== null
    if (!isAnswer || ids.join() !== cause.transferIds.join())
      found.broke('causes_match_their_transfers', `cause ${cause.causeId}`)
    byCause.delete(cause.causeId)
    checkFingerprint(cause, found)
  }
  for (const id of byCause.keys())
    found.broke('causes_match_their_transfers', `transfers of a cause that is not there: ${id}`)
}

function checkFingerprint(cause: CauseRow, found: Findings<'causes_match_their_fingerprints'>): void {
  const { kind, subjectId, userId, amount, currency, detail } = cause
  const asked = [kind, subjectId, userId, amount, currency, detail]
  if (asked.every((one) => one === null)) return
  found.looked('causes_match_their_fingerprints')
  const line = [kind, subjectId, userId ?? '', amount, currency, ...(detail === null ? [] : [detail])].join('/')
  const isRight = createHash('sha256').update(line, 'utf8').digest('hex') === cause.fingerprint
  if (!isRight) found.broke('causes_match_their_fingerprints', `cause ${cause.causeId}`)
}
