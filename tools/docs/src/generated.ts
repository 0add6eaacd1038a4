import { asyncApi } from './asyncapi.ts'
import { clientRoutes } from './client-routes.ts'
import { configuration } from './configuration.ts'
import { metrics } from './metrics.ts'

/** The documents that are made from the code, each by a function that answers what the file should say. */
export const generated: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/asyncapi.yaml': asyncApi,
  'docs/configuration.md': configuration,
  'docs/metrics.md': metrics,
  ...clientRoutes,
}
