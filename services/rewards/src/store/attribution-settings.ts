import { type Database, query, type Transaction } from '@tributary/database'
import type { DatedTerms } from '../domain/attribution.ts'

/** The terms, from when on they count, and who said so, when and why. */
export type AttributionSettings = Omit<DatedTerms, 'activeFromMs'> &
  Readonly<{ activeFrom: Date; reason: string; doneBy: string; doneAt: Date }>

const columns = `version, model, touch_days as "touchDays", payment_days as "paymentDays", active_from as "activeFrom",
  reason, done_by as "doneBy", done_at as "doneAt"`

/** The newest first. */
export async function listSettings(db: Database | Transaction, max: number): Promise<AttributionSettings[]> {
  return await query<AttributionSettings>(
    db,
    `select ${columns} from attribution_settings order by version desc limit ?`,
    [max],
  )
}

/** Keeps new settings as the next version; two at the same instant come one after the other. */
export async function insertSettings(
  tx: Transaction,
  { model, touchDays, paymentDays, activeFrom, reason, doneBy, doneAt }: Omit<AttributionSettings, 'version'>,
): Promise<AttributionSettings> {
  await query(tx, `select pg_advisory_xact_lock(hashtextextended('attribution_settings', 0))`)
  const [row] = await query<AttributionSettings>(
    tx,
    `insert into attribution_settings (version, model, touch_days, payment_days, active_from, reason, done_by, done_at)
     select coalesce(max(version), 0) + 1, ?, ?::int, ?::int, ?::timestamptz, ?, ?, ?::timestamptz
     from attribution_settings returning ${columns}`,
    [model, touchDays, paymentDays, activeFrom, reason, doneBy, doneAt],
  )
  return row!
}

/** All terms that counted for registrations up to then. */
export async function listTerms(db: Database | Transaction, until: Date): Promise<DatedTerms[]> {
  const rows = await query<Omit<DatedTerms, 'activeFromMs'> & { activeFrom: Date }>(
    db,
    `select version, model, touch_days as "touchDays", payment_days as "paymentDays", active_from as "activeFrom"
     from attribution_settings where active_from <= ?`,
    [until],
  )
  return rows.map(({ activeFrom, ...terms }) => ({ ...terms, activeFromMs: activeFrom.getTime() }))
}
