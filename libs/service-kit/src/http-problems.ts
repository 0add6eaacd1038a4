import type { ProblemCode } from '@tributary/contracts'
import { classify } from '@tributary/database'
import type { FastifyReply } from 'fastify'
import { Problem } from './problem.ts'

/** Fastify's own refusals, in our words. Others of its errors below 500 are `request_malformed`. */
const fastifyProblems: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content_type_unsupported',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
}

/** One second: what is away is often back by then, and a longer wait can be asked for again. */
const retryAfter = { 'retry-after': '1' }

/** What a caller is told about an error. Only what a caller can mend is explained; the rest stays in the log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  const known = typeof code === 'string' ? fastifyProblems[code] : undefined
  if (known !== undefined) return new Problem(known)
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new Problem('request_malformed')
  const kind = classify(error)
  // 57014: the statement outlasted its time.
  if (kind === 'connection' || kind === 'retry' || code === '57014' || code === 'FST_ERR_REOPENED_CLOSE_SERVER') {
    return new Problem('temporarily_unavailable', { headers: retryAfter })
  }
  return new Problem('internal_error')
}

export function unavailable(detail: string): Problem {
  return new Problem('temporarily_unavailable', { detail, headers: retryAfter })
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.details.headers ?? {})
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem.toBody()))
}
