import { transferPosted, transferRefused } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { LedgerConfig } from './config.ts'
import { dismissSettlement, matchSettlement } from './http/close-settlement.ts'
import { createAdjustment } from './http/create-adjustment.ts'
import { createCheckpoint } from './http/create-checkpoint.ts'
import { createRebuild } from './http/create-rebuild.ts'
import { createSettlements } from './http/create-settlements.ts'
import { createVerification } from './http/create-verification.ts'
import { approveAdjustment, rejectAdjustment } from './http/decide-adjustment.ts'
import { getAdjustment } from './http/get-adjustment.ts'
import { getBalance } from './http/get-balance.ts'
import { getExport } from './http/get-export.ts'
import { getLatestCheckpoint } from './http/get-latest-checkpoint.ts'
import { getLatestVerification } from './http/get-latest-verification.ts'
import { getLiability } from './http/get-liability.ts'
import { getProof } from './http/get-proof.ts'
import { getSettlement } from './http/get-settlement.ts'
import { getTransfer } from './http/get-transfer.ts'
import { getTrialBalance } from './http/get-trial-balance.ts'
import { listAdjustments } from './http/list-adjustments.ts'
import { listCheckpointKeys } from './http/list-checkpoint-keys.ts'
import { listCheckpoints } from './http/list-checkpoints.ts'
import { listEntries } from './http/list-entries.ts'
import { listOutstandingSettlements } from './http/list-outstanding-settlements.ts'
import { listTransfers } from './http/list-transfers.ts'
import { listUnmatchedSettlements } from './http/list-unmatched-settlements.ts'
import { matchSettlements } from './jobs/match-settlements.ts'
import { preparePartitions } from './jobs/prepare-partitions.ts'
import { signCheckpointEachMinute } from './jobs/sign-checkpoint.ts'
import { verifyBooksDaily } from './jobs/verify-books.ts'
import { verifyNewEntries } from './jobs/verify-new-entries.ts'
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
import { onRewardTallied } from './messages/reward.tallied.ts'
import { newLedgerMetrics } from './metrics.ts'
import { newSigningKeys } from './proof/keys.ts'
import { newSettlementMetrics } from './settlement-metrics.ts'
import { proofChecks } from './steps/proof-checks.ts'
import { newVerificationMetrics } from './verification-metrics.ts'

export { configShape } from './config.ts'
export { type PublicKey, readPublicKeys } from './proof/keys.ts'
export { type ExportReport, verifyExport } from './proof/verify-export.ts'

/** Keeps every cent: double entry, balances now and at any past instant, and the proof that they are right. */
export function ledger(config: LedgerConfig): Service {
  const metrics = newLedgerMetrics()
  const settlements = newSettlementMetrics()
  const verification = newVerificationMetrics()
  const { LEDGER_CLEARING_MAX_AGE_DAYS: clearingMaxAgeDays } = config
  const { LEDGER_ANCHOR_FILE: anchorFile } = config
  const keys = newSigningKeys(config.LEDGER_SIGNING_KEY, config.LEDGER_RETIRED_PUBLIC_KEYS)
  const proofs = () => proofChecks(keys, anchorFile)
  return {
    name: 'ledger',
    routes: [
      getBalance,
      listEntries,
      getTransfer,
      listTransfers,
      getTrialBalance,
      createVerification(clearingMaxAgeDays, proofs),
      getLiability,
      getLatestVerification,
      createRebuild,
      listCheckpoints,
      getLatestCheckpoint,
      createCheckpoint(keys, anchorFile),
      listCheckpointKeys(keys),
      getProof(keys),
      getExport(keys),
      createSettlements(metrics, settlements),
      listUnmatchedSettlements,
      listOutstandingSettlements,
      getSettlement,
      matchSettlement(metrics),
      dismissSettlement,
      createAdjustment(metrics, config.LEDGER_ADJUSTMENT_APPROVAL_ABOVE),
      listAdjustments,
      getAdjustment,
      approveAdjustment(metrics),
      rejectAdjustment,
    ],
    // Earnings first, so that what builds on one finds it when both come in one batch.
    consumes: [
      ...[
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
      onRewardTallied,
    ],
    publishes: [transferPosted, transferRefused],
    jobs: [
      preparePartitions(metrics),
      verifyBooksDaily(clearingMaxAgeDays, proofs),
      verifyNewEntries(clearingMaxAgeDays),
      signCheckpointEachMinute(keys, anchorFile),
      matchSettlements(metrics),
    ],
    instrument(all) {
      metrics.instrument(all)
      settlements.instrument(all)
      verification.instrument(all)
    },
    async measure(db) {
      await settlements.measure(db)
      await verification.measure(db)
    },
  }
}
