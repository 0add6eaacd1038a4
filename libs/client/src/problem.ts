import type { ProblemCode } from '@tributary/contracts'

/** A refusal by a service, as problem+json has it; `code` is `unknown` for an answer that is none. */
export class ApiError extends Error {
  readonly status: number
  readonly code: ProblemCode | 'unknown'
  readonly errors: readonly { path: string; message: string }[]
  readonly retryAfterSeconds: number | null

  constructor(status: number, headers: Headers, body: unknown) {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<ProblemBody>
    const fields = (problem.errors ?? []).map(({ path, message }) => `${path} ${message}`).join('; ')
    super([`${status} ${problem.code ?? 'unknown'}`, problem.detail, fields].filter(Boolean).join(': '))
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.errors = problem.errors ?? []
    const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
    this.retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : null
  }
}

type ProblemBody = { code: ProblemCode; detail: string; errors: { path: string; message: string }[] }
