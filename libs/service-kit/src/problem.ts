import { type ProblemCode, problems, problemType } from '@tributary/contracts'

export type ProblemDetails = Readonly<{
  detail?: string
  errors?: readonly { path: string; message: string }[]
  headers?: Readonly<Record<string, string>>
}>

/** A refusal that the caller sees as RFC 9457 problem+json. Thrown by handlers, turned into an answer by the kit. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly details: ProblemDetails

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? problems[code].title)
    this.name = 'Problem'
    this.code = code
    this.status = problems[code].status
    this.details = details
  }

  /** What goes over the wire. */
  toBody(): Record<string, unknown> {
    const { detail, errors } = this.details
    return {
      type: problemType(this.code),
      title: problems[this.code].title,
      status: this.status,
      ...(detail === undefined ? {} : { detail }),
      code: this.code,
      ...(errors === undefined ? {} : { errors }),
    }
  }
}
