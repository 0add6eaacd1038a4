import { configChanged } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import type { Job } from '@tributary/service-kit'
import { type SystemConfig, toldAs } from '../store/system-configs.ts'

const TEN_MINUTES_MS = 600_000

/**
 * Tells the configuration at the start (`read` makes the first where there is none), and again now and then: a service that was
 * added later gets to know it, too. Who knows the version already ignores it.
 */
export function announceConfig(read: (db: Database, now: Date) => Promise<SystemConfig>): Job {
  return {
    name: 'announce-config',
    everyMs: TEN_MINUTES_MS,
    async run({ db, transaction, now, newId }) {
      const config = await read(db, now())
      await transaction(async (_tx, publish) => publish(configChanged, toldAs(config, newId())))
      return false
    },
  }
}
