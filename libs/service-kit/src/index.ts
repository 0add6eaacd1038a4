export type { Job, JobContext } from './job.ts'
export { Problem, type ProblemDetails } from './problem.ts'
export {
  type Access,
  type Answer,
  answer,
  type InTransaction,
  type Principal,
  type RequestContext,
  type Route,
  type RouteDefinition,
  type RouteInput,
  route,
} from './route.ts'
export type { Service } from './service.ts'
