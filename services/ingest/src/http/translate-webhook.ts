import { Problem, type RequestContext } from '@tributary/service-kit'
import { ignoredType } from '../domain/ignored-type.ts'
import type { FieldFault, Reading, Translated } from '../providers/provider.ts'
import type { JournalEntry } from '../store/journal-rows.ts'
import { findReferences, insertReferences } from '../store/provider-references.ts'
import { orUnavailable } from './or-unavailable.ts'
import type { Sender } from './senders.ts'
import { checkData } from './webhook-payload.ts'

/** What an entry of the journal says of the event, besides where it came from. */
export type ToJournal = Pick<JournalEntry, 'type' | 'payload' | 'disposition' | 'reason'>

/**
 * By the time the event was made, since it may come late: after some hours without us, a provider sends what we missed in
 * any order. What nobody has explained within the day, nobody will.
 */
const EXPLAINED_WITHIN_MS = 24 * 3_600_000

/**
 * What to keep of a webhook: one entry or several where it is translated, one that nobody hears of where it is not. Keeps
 * first what it teaches. Throws `cause_not_known` where it came before what explains it and the provider shall send again.
 */
export async function translateWebhook(
  { provider: { source } }: Sender,
  { name, happenedAt, teaches, asks, translate }: Reading,
  { db }: RequestContext,
  now: Date,
): Promise<readonly [ToJournal, ...ToJournal[]]> {
  if (teaches.length > 0) await orUnavailable(insertReferences(db, source, teaches))
  const known = asks.length === 0 ? nothingKnown : await orUnavailable(findReferences(db, source, asks))
  const translation = translate(known)
  if (translation.kind === 'events') return translation.events.map(toPublish) as [ToJournal, ...ToJournal[]]
  if (translation.kind === 'unknown') {
    const isNew = happenedAt !== null && now.getTime() - happenedAt.getTime() < EXPLAINED_WITHIN_MS
    if (isNew) throw new Problem('cause_not_known', { detail: translation.detail })
  }
  return [{ type: ignoredType(source, name), payload: null, disposition: 'ignore', reason: translation.reason }]
}

const nothingKnown: ReadonlyMap<string, string> = new Map()

/** Throws where a translation is no event of ours: its provider sent an amount or a name that we do not take. */
function toPublish({ type, data }: Translated): ToJournal {
  const common = { type, disposition: 'publish', reason: null } as const
  if (data === null) return { ...common, payload: null }
  const faults: readonly FieldFault[] = checkData(type, data)
  if (faults.length > 0) {
    throw new Problem('payload_invalid', { detail: `what ${type} would be made of is not valid`, errors: faults })
  }
  return { ...common, payload: JSON.stringify(data) }
}
