import { openDatabase } from '@tributary/database'
import { ConfigError, type Job } from '@tributary/service-kit'
import type { LedgerConfig } from '../config.ts'
import type { SigningKeys } from '../proof/keys.ts'
import { archiveOldestMonth } from '../steps/archive-months.ts'

const HOUR_MS = 3_600_000
/** Detaching waits for whoever reads the month; an archive of a million transfers takes a minute to write. */
const OWNER_TIMEOUT_MS = 600_000

/** Archives months that are older than what is to be kept, and lets them go. None where all is kept, as it is by default. */
export function archiveMonths(config: LedgerConfig, keys: SigningKeys): readonly Job[] {
  const settings = {
    LEDGER_RETENTION_MONTHS: config.LEDGER_RETENTION_MONTHS,
    LEDGER_ARCHIVE_DIRECTORY: config.LEDGER_ARCHIVE_DIRECTORY,
    LEDGER_OWNER_DATABASE_URL: config.LEDGER_OWNER_DATABASE_URL,
  }
  const missing = Object.entries(settings).filter(([, value]) => value === undefined)
  if (missing.length === 3) return []
  if (missing.length > 0)
    throw new ConfigError(missing.map(([name]) => `${name} is missing: archiving needs all three`))
  const url = config.LEDGER_OWNER_DATABASE_URL!
  return [
    {
      name: 'archive-months',
      everyMs: HOUR_MS,
      async run({ db, now, log }) {
        const owner = openDatabase({
          url,
          applicationName: 'ledger archive',
          poolMax: 1,
          statementTimeoutMs: OWNER_TIMEOUT_MS,
          lockTimeoutMs: 0,
        })
        try {
          const [directory, retentionMonths] = [config.LEDGER_ARCHIVE_DIRECTORY!, config.LEDGER_RETENTION_MONTHS!]
          return await archiveOldestMonth({ db, owner, now, log, keys, directory, retentionMonths })
        } finally {
          await owner.destroy()
        }
      },
    },
  ]
}
