import type { ProblemCode } from '@tributary/contracts'

/** A refusal by a service, as problem+json has it; `code` is `unknown` for an answer that is none. */
export class ApiError extends Error {
  readonly status: number
  readonly code: ProblemCode | 'unknown'
  readonly detail: string | null
  readonly errors: readonly { path: string; message: string }[]
  readonly retryAfterSeconds: number | null
  /** Names the request in the service's log. */
  readonly requestId: string | null

  constructor(status: number, headers: Headers, body: unknown) {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<ProblemBody>
    const fields = (problem.errors ?? []).map(({ path, message }) => `${path} ${message}`).join('; ')
    super([`${status} ${problem.code ?? 'unknown'}`, problem.detail, fields].filter(Boolean).join(': '))
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.detail = problem.detail ?? null
    this.errors = problem.errors ?? []
    this.retryAfterSeconds = readRetryAfter(headers, Date.now())
    this.requestId = headers.get('x-request-id')
  }
}

type ProblemBody = { code: ProblemCode; detail: string; errors: { path: string; message: string }[] }

/** Seconds, or a date, as RFC 9110 has it; null where there is none that can be read. */
export function readRetryAfter(headers: Headers, nowMs: number): number | null {
  const text = headers.get('retry-after')
  if (text === null) return null
  if (/^\d+$/.test(text)) return Number(text)
  const seconds = (Date.parse(text) - nowMs) / 1_000
  return Number.isNaN(seconds) ? null : Math.max(seconds, 0)
}
