import { fileURLToPath } from 'node:url'
import type { ServiceName } from '@tributary/contracts'

const folder = (path: string): string => fileURLToPath(new URL(`../../../${path}/`, import.meta.url))

/** Where a service's migrations lie, in the order in which they are applied: the libraries', then its own. */
export function migrationFolders(service: ServiceName): string[] {
  return [
    folder('libs/messaging/migrations'),
    folder('libs/service-kit/migrations'),
    folder(`services/${service}/src/store/migrations`),
  ]
}
