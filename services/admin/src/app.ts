import type { Service } from '@tributary/service-kit'
import { createLocalJWKSet } from 'jose'
import { newClientFinder } from './bootstrap-client.ts'
import type { AdminConfig } from './config.ts'
import { newFailedAttempts } from './domain/failed-attempts.ts'
import { getJwks } from './http/get-jwks.ts'
import { issueToken } from './http/issue-token.ts'
import { newSigningKeys } from './signing-keys.ts'

export { configShape } from './config.ts'

/** Says who is who: for now programs, by client credentials. */
export function admin(config: AdminConfig): Service {
  const keys = newSigningKeys(config.ADMIN_SIGNING_KEY, config.ADMIN_RETIRED_SIGNING_KEYS)
  const attempts = newFailedAttempts({ windowMs: 60_000, keysMax: 10_000 })
  return {
    name: 'admin',
    routes: [
      issueToken({ issuer: config.AUTH_ISSUER, keys, attempts, findClient: newClientFinder(config) }),
      getJwks(keys),
    ],
    consumes: [],
    publishes: [],
    jobs: [],
    authKeys: createLocalJWKSet({ keys: [...keys.published] }),
  }
}
