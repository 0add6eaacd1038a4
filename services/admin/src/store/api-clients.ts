import { type Database, query } from '@tributary/database'
import type { SecretHash } from '../client-secret.ts'

export type ApiClient = Readonly<{ id: string; secret: SecretHash; scopes: readonly string[] }>

/** Null for unknown and for disabled ones. */
export async function findApiClient(db: Database, id: string): Promise<ApiClient | null> {
  const [row] = await query<{ id: string; salt: Buffer; hash: Buffer; scopes: string[] }>(
    db,
    `select id, secret_salt as salt, secret_hash as hash, scopes from api_clients
     where id = ? and disabled_at is null`,
    [id],
  )
  return row ? { id: row.id, secret: { salt: row.salt, hash: row.hash }, scopes: row.scopes } : null
}

/** Creates the client, or gives it this secret and these scopes. A client that was disabled stays so. */
export async function upsertApiClient(db: Database, client: ApiClient, now: Date): Promise<void> {
  await query(
    db,
    `insert into api_clients (id, secret_salt, secret_hash, scopes, created_at, updated_at)
     values (?, ?, ?, ?::text[], ?, ?)
     on conflict (id) do update set secret_salt = excluded.secret_salt, secret_hash = excluded.secret_hash,
       scopes = excluded.scopes, updated_at = excluded.updated_at`,
    [client.id, client.secret.salt, client.secret.hash, [...client.scopes], now, now],
  )
}
