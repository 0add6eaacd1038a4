import { transferPosted, transferRefused } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { LedgerConfig } from './config.ts'
import { createCheckpoint } from './http/create-checkpoint.ts'
import { createVerification } from './http/create-verification.ts'
import { getBalance } from './http/get-balance.ts'
import { getExport } from './http/get-export.ts'
import { getLatestCheckpoint } from './http/get-latest-checkpoint.ts'
import { getLatestVerification } from './http/get-latest-verification.ts'
import { getProof } from './http/get-proof.ts'
import { getTransfer } from './http/get-transfer.ts'
import { getTrialBalance } from './http/get-trial-balance.ts'
import { listCheckpointKeys } from './http/list-checkpoint-keys.ts'
import { listCheckpoints } from './http/list-checkpoints.ts'
import { listEntries } from './http/list-entries.ts'
import { listTransfers } from './http/list-transfers.ts'
import { preparePartitions } from './jobs/prepare-partitions.ts'
import { signCheckpointEachMinute } from './jobs/sign-checkpoint.ts'
import { verifyBooksDaily } from './jobs/verify-books.ts'
import { onCashoutCancelled } from './messages/cashout.cancelled.ts'
import { onCashoutFailed } from './messages/cashout.failed.ts'
import { onCashoutPaid } from './messages/cashout.paid.ts'
import { onCashoutRejected } from './messages/cashout.rejected.ts'
import { onCashoutRequested } from './messages/cashout.requested.ts'
import { onCashoutReturned } from './messages/cashout.returned.ts'
import { onRewardEarned } from './messages/reward.earned.ts'
import { onRewardHeld } from './messages/reward.held.ts'
import { onRewardReleased } from './messages/reward.released.ts'
import { onRewardResumed } from './messages/reward.resumed.ts'
import { onRewardReversed } from './messages/reward.reversed.ts'
import { newLedgerMetrics } from './metrics.ts'
import { newSigningKeys } from './proof/keys.ts'

export { configShape } from './config.ts'
export { type PublicKey, readPublicKeys } from './proof/keys.ts'
export { type ExportReport, verifyExport } from './proof/verify-export.ts'

/** Keeps every cent: double entry, balances now and at any past instant, and the proof that they are right. */
export function ledger(config: LedgerConfig): Service {
  const metrics = newLedgerMetrics()
  const { LEDGER_ANCHOR_FILE: anchorFile } = config
  const keys = newSigningKeys(config.LEDGER_SIGNING_KEY, config.LEDGER_RETIRED_PUBLIC_KEYS)
  return {
    name: 'ledger',
    routes: [
      getBalance,
      listEntries,
      getTransfer,
      listTransfers,
      getTrialBalance,
      createVerification(metrics),
      getLatestVerification,
      listCheckpoints,
      getLatestCheckpoint,
      createCheckpoint(keys, anchorFile),
      listCheckpointKeys(keys),
      getProof(keys),
      getExport(keys),
    ],
    // Earnings first, so that what builds on one finds it when both come in one batch.
    consumes: [
      onRewardEarned,
      onRewardHeld,
      onRewardReleased,
      onRewardResumed,
      onRewardReversed,
      onCashoutRequested,
      onCashoutPaid,
      onCashoutFailed,
      onCashoutRejected,
      onCashoutCancelled,
      onCashoutReturned,
    ].map((on) => on(metrics)),
    publishes: [transferPosted, transferRefused],
    jobs: [preparePartitions(metrics), verifyBooksDaily(metrics), signCheckpointEachMinute(keys, anchorFile)],
    instrument: metrics.instrument,
  }
}
