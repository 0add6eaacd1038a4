import { transferPosted, transferRefused } from '@tributary/contracts'
import type { Service } from '@tributary/service-kit'
import type { LedgerConfig } from './config.ts'
import { ledgerConsumers } from './consumers.ts'
import { archiveMonths } from './jobs/archive-months.ts'
import { matchSettlements } from './jobs/match-settlements.ts'
import { preparePartitions } from './jobs/prepare-partitions.ts'
import { signCheckpointEachMinute } from './jobs/sign-checkpoint.ts'
import { verifyBooksDaily } from './jobs/verify-books.ts'
import { verifyNewEntries } from './jobs/verify-new-entries.ts'
import { newLedgerMetrics } from './metrics.ts'
import { newSigningKeys } from './proof/keys.ts'
import { ledgerRoutes } from './routes.ts'
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
    routes: ledgerRoutes({ config, keys, proofs, metrics, settlements }),
    consumes: ledgerConsumers(metrics),
    publishes: [transferPosted, transferRefused],
    jobs: [
      preparePartitions(metrics),
      verifyBooksDaily(clearingMaxAgeDays, proofs),
      verifyNewEntries(clearingMaxAgeDays),
      signCheckpointEachMinute(keys, anchorFile),
      matchSettlements(metrics),
      ...archiveMonths(config, keys),
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
