import { uncountedTypes } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import { timeOfId } from '../domain/event-time.ts'
import type { Journal } from './journal.ts'
import type { JournalEntry } from './journal-rows.ts'
import type { Quota } from './quota.ts'

const uncounted: ReadonlySet<string> = new Set(uncountedTypes)

/** Why an event waits for its release. */
export const OVER_QUOTA = 'over_quota'

/** The journal behind the quota: what is over it is kept just the same, and published later. */
export function newMeteredJournal(journal: Journal, quota: Quota, db: Database): Journal {
  return {
    async append(entry) {
      if (entry.disposition !== 'publish' || uncounted.has(entry.type)) return journal.append(entry)
      const { isAdmitted, end } = await quota.admit(db, timeOfId(entry.eventId))
      try {
        const appended = await journal.append(isAdmitted ? entry : deferred(entry))
        end(appended.kind === 'new' ? 'stored' : 'unused')
        return appended
      } catch (error) {
        end('unknown')
        throw error
      }
    },
    drain: () => journal.drain(),
  }
}

function deferred(entry: JournalEntry): JournalEntry {
  return { ...entry, disposition: 'defer', reason: OVER_QUOTA }
}
