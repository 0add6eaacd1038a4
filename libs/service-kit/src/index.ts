export { AUDIENCE, type AuthOptions, singleHeader } from './auth.ts'
export { COMMAND_KEY_DAYS } from './command-keys.ts'
export { ConfigError, configTable, describeConfig, envExample, loadConfig, type Variable } from './config.ts'
export { type Cell, type CsvAnswer, fromCsvCell, prefersCsv } from './csv.ts'
export { type Asked, fromCursor, pageOf, pageQuery, toCursor, toPage } from './cursor.ts'
export { deadLetterRoutes } from './dead-letters.ts'
export { unavailable } from './http-problems.ts'
export type { Job, JobContext } from './job.ts'
export { canonicalJson, parseJson } from './json.ts'
export { type KitConfig, kitShape, loadKitConfig } from './kit-config.ts'
export type { PartitionedTable } from './maintenance.ts'
export { migrationFolders } from './migration-folders.ts'
export { openApi } from './openapi.ts'
export {
  newOutbound,
  type Outbound,
  type OutboundAnswer,
  OutboundError,
  type OutboundOptions,
  type OutboundRequest,
} from './outbound.ts'
export { findPlan, onConfigChanged, requireFeatures } from './plan.ts'
export { Problem, type ProblemDetails } from './problem.ts'
export {
  type Access,
  type Answer,
  answer,
  type BodyReader,
  type Examples,
  type InTransaction,
  type Principal,
  type RequestContext,
  type Route,
  type RouteDefinition,
  type RouteInput,
  route,
} from './route.ts'
export { run } from './run.ts'
export type { Service } from './service.ts'
export { type RunningService, type StartOptions, startService } from './start.ts'
export type { StreamAnswer } from './stream.ts'
