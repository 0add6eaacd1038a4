import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@tributary/contracts'

const folder = (path: string): string => fileURLToPath(new URL(`../../../${path}/`, import.meta.url))

/**
 * Where a service's migrations lie, in the order in which they are applied: the libraries', then its own, if it has any.
 */
export function migrationFolders(service: ServiceName): string[] {
  const own = folder(`services/${service}/src/store/migrations`)
  return [folder('libs/messaging/migrations'), folder('libs/service-kit/migrations'), ...(existsSync(own) ? [own] : [])]
}
