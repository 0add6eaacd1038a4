import { type Database, query, type Transaction } from '@tributary/database'
import type { Sealing } from './sealing.ts'

/** An adapter's secret, opened: not to be logged or answered. */
export type AdapterSecret = Readonly<{
  name: string
  /** Null: switched off. */
  secret: string | null
  since: Date
  /** Counts beside the other one until it ends. */
  previous: Readonly<{ secret: string; endsAt: Date }> | null
  updatedBy: string
}>

type Row = {
  name: string
  secret: Buffer | null
  since: Date
  previous_secret: Buffer | null
  previous_secret_ends_at: Date | null
  updated_by: string
}

/** Sealed for one adapter: the bytes of one row are worth nothing in another. */
const purpose = (name: string) => `adapter_secrets.${name}`

/** `forUpdate` keeps others from changing them until the transaction ends. */
export async function listAdapterSecrets(
  db: Database | Transaction,
  sealing: Sealing,
  { forUpdate = false }: { forUpdate?: boolean } = {},
): Promise<AdapterSecret[]> {
  const rows = await query<Row>(
    db,
    `select name, secret, since, previous_secret, previous_secret_ends_at, updated_by from adapter_secrets
     order by name ${forUpdate ? 'for update' : ''}`,
  )
  return rows.map(
    ({ name, secret, since, previous_secret: previous, previous_secret_ends_at: endsAt, updated_by }) => ({
      name,
      secret: secret && sealing.open(purpose(name), secret),
      since,
      previous: previous && endsAt && { secret: sealing.open(purpose(name), previous), endsAt },
      updatedBy: updated_by,
    }),
  )
}

/** Stores secrets from the environment, but for adapters that have a row, be it switched off. */
export async function insertFirstAdapterSecrets(
  db: Database,
  sealing: Sealing,
  secrets: Readonly<Record<string, string>>,
  now: Date,
): Promise<void> {
  for (const [name, secret] of Object.entries(secrets)) {
    await query(
      db,
      `insert into adapter_secrets (name, secret, since, updated_by) values (?, ?, ?, 'first start')
       on conflict do nothing`,
      [name, sealing.seal(purpose(name), secret), now],
    )
  }
}

/** Writes a row, sealed with the first key; in the caller's transaction. */
export async function upsertAdapterSecret(tx: Transaction, sealing: Sealing, row: AdapterSecret): Promise<void> {
  const { name, secret, since, previous, updatedBy } = row
  await query(
    tx,
    `insert into adapter_secrets (name, secret, since, previous_secret, previous_secret_ends_at, updated_by)
     values (?, ?, ?, ?, ?, ?)
     on conflict (name) do update set secret = excluded.secret, since = excluded.since,
       previous_secret = excluded.previous_secret, previous_secret_ends_at = excluded.previous_secret_ends_at,
       updated_by = excluded.updated_by`,
    [
      name,
      secret === null ? null : sealing.seal(purpose(name), secret),
      since,
      previous && sealing.seal(purpose(name), previous.secret),
      previous?.endsAt ?? null,
      updatedBy,
    ],
  )
}
