import type { Route } from '@tributary/service-kit'
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
import type { LedgerMetrics } from './metrics.ts'
import type { SigningKeys } from './proof/keys.ts'
import type { SettlementMetrics } from './settlement-metrics.ts'
import type { proofChecks } from './steps/proof-checks.ts'

export type RouteParts = Readonly<{
  config: LedgerConfig
  keys: SigningKeys
  proofs: () => ReturnType<typeof proofChecks>
  metrics: LedgerMetrics
  settlements: SettlementMetrics
}>

/** Everything that the ledger can be asked over HTTP. */
export function ledgerRoutes({ config, keys, proofs, metrics, settlements }: RouteParts): readonly Route[] {
  const anchorFile = config.LEDGER_ANCHOR_FILE
  return [
    ...[getBalance, listEntries, getTransfer, listTransfers, getTrialBalance, getLiability],
    ...[createVerification(config.LEDGER_CLEARING_MAX_AGE_DAYS, proofs), getLatestVerification, createRebuild],
    ...[listCheckpoints, getLatestCheckpoint, createCheckpoint(keys, anchorFile), listCheckpointKeys(keys)],
    ...[getProof(keys), getExport(keys)],
    ...[createSettlements(metrics, settlements), listUnmatchedSettlements, listOutstandingSettlements],
    ...[getSettlement, matchSettlement(metrics), dismissSettlement],
    ...[createAdjustment(metrics, config.LEDGER_ADJUSTMENT_APPROVAL_ABOVE), listAdjustments, getAdjustment],
    ...[approveAdjustment(metrics), rejectAdjustment],
  ]
}
