import { ApiError } from './problem.ts'
import type { TokenSource } from './token.ts'

export type CallOptions = Readonly<{
  body?: unknown
  query?: Readonly<Record<string, string | number | undefined>>
  /** The same key makes a repeated command the same command. */
  idempotencyKey?: string
}>

export type Call = <Answer>(method: string, url: string, options?: CallOptions) => Promise<Answer>

/** Calls with a bearer token; a token that was refused is replaced once. Rejects with ApiError, or fetch's own error. */
export function newCall(tokens: TokenSource, timeoutMs: number): Call {
  return async <Answer>(method: string, url: string, options: CallOptions = {}) => {
    const target = withQuery(url, options.query)
    let response = await attempt(method, target, options, await tokens.get(), timeoutMs)
    if (response.status === 401) {
      tokens.forget()
      response = await attempt(method, target, options, await tokens.get(), timeoutMs)
    }
    const body = await readBody(response)
    if (!response.ok) throw new ApiError(response.status, response.headers, body)
    return body as Answer
  }
}

function attempt(
  method: string,
  url: string,
  options: CallOptions,
  token: string,
  timeoutMs: number,
): Promise<Response> {
  const { body, idempotencyKey } = options
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
}

/** The JSON of an answer; the text where it is none. */
export async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return text
  }
}

function withQuery(url: string, query: CallOptions['query']): string {
  const target = new URL(url)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) target.searchParams.set(name, String(value))
  }
  return target.href
}
