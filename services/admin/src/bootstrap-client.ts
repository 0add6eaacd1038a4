import { allScopes } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import { hashSecret } from './client-secret.ts'
import type { AdminConfig } from './config.ts'
import { type ApiClient, findApiClient, upsertApiClient } from './store/api-clients.ts'

/**
 * Finds clients; before the first one, writes the client that the configuration names, with every scope, so that there
 * is one from the start, also when the database comes up after this service.
 */
export function newClientFinder(
  config: AdminConfig,
): (db: Database, id: string, now: Date) => Promise<ApiClient | null> {
  let written: Promise<void> | null = null
  return async (db, id, now) => {
    written ??= writeBootstrapClient(config, db, now).catch((error: unknown) => {
      written = null
      throw error
    })
    await written
    return findApiClient(db, id)
  }
}

async function writeBootstrapClient(config: AdminConfig, db: Database, now: Date): Promise<void> {
  const { ADMIN_BOOTSTRAP_CLIENT_ID: id, ADMIN_BOOTSTRAP_CLIENT_SECRET: secret } = config
  if (id === undefined || secret === undefined) return
  await upsertApiClient(db, { id, secret: await hashSecret(secret), scopes: allScopes }, now)
}
