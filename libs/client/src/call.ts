import { randomUUID } from 'node:crypto'
import { exchange, exchangeForStream, type HttpRequest } from './http.ts'
import { writeJson } from './json.ts'
import { ApiError } from './problem.ts'
import { type Retries, withRetries } from './retry.ts'
import type { RouteTraits } from './route.ts'
import type { TokenSource } from './token.ts'

export type CallOptions = Readonly<{
  /** The same key makes a repeated command the same command. Default: a new one for each call that can have one. */
  idempotencyKey?: string
  /** Ends the call, waits between its attempts included. */
  signal?: AbortSignal
  /** For each attempt. */
  timeoutMs?: number
}>

export type CallerOptions = Readonly<{ tokens: TokenSource; timeoutMs: number; retries: Retries }>

export type Call = Readonly<{
  method: string
  url: string
  /** A string is sent as `contentType`, anything else as JSON. */
  body?: unknown
  contentType?: string
  headers?: Readonly<Record<string, string>>
  /** The content type to ask for where the answer is a stream of text. */
  streams?: string
  options: CallOptions
}>

/** Makes a call with a bearer token, and again while that may help. A token that was refused is replaced once. */
export async function makeCall({ tokens, timeoutMs, retries }: CallerOptions, call: Call): Promise<unknown> {
  const { signal, idempotencyKey } = call.options
  const isRepeatable = ['GET', 'PUT', 'DELETE'].includes(call.method) || idempotencyKey !== undefined
  const run = async (token: string) => {
    const request = toRequest(call, token, call.options.timeoutMs ?? timeoutMs)
    return call.streams === undefined ? await exchange(request) : await exchangeForStream(request)
  }
  return withRetries(retries, isRepeatable ? 'always' : 'never', signal, async () => {
    const token = await tokens.get()
    try {
      return await run(token)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error
      tokens.forget(token)
      return run(await tokens.get())
    }
  })
}

function toRequest(
  { method, url, body, contentType, headers, streams, options }: Call,
  token: string,
  timeoutMs: number,
): HttpRequest {
  const isText = typeof body === 'string' && contentType !== undefined
  const { idempotencyKey, signal } = options
  return {
    method,
    url,
    timeoutMs,
    signal,
    headers: {
      authorization: `Bearer ${token}`,
      accept: streams ?? 'application/json',
      ...(body === undefined ? {} : { 'content-type': isText ? contentType : 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isText ? body : writeJson(body) }),
  }
}

/** A call of a route, from what its method was given: the ids of its path, body, query, options, each where the route has it. */
export function toCall(base: string, route: string, traits: RouteTraits, given: readonly unknown[]): Call {
  const [method = '', path = ''] = route.split(' ')
  const left = [...given]
  const filled = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(left.shift() as string))
  const body = traits.body ? left.shift() : undefined
  const url = withQuery(new URL(filled, base), traits.query ? (left.shift() as Query) : undefined)
  const options = (left.shift() ?? {}) as CallOptions
  return {
    method,
    url,
    options: traits.keyed ? { ...options, idempotencyKey: options.idempotencyKey ?? randomUUID() } : options,
    ...(body === undefined ? {} : { body }),
    ...(traits.textBody === undefined ? {} : { contentType: traits.textBody }),
    ...(traits.streams === undefined ? {} : { streams: traits.streams }),
  }
}

type Query = Readonly<Record<string, string | number | bigint | boolean | undefined>> | undefined

function withQuery(url: URL, query: Query): string {
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url.href
}
