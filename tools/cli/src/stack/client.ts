import { randomUUID } from 'node:crypto'
import { ApiError, sendWebhook as signAndSend } from '@tributary/client'
import type { ServiceName } from '@tributary/contracts'
import { Failure } from '../arguments.ts'
import { readSecrets, type Secrets } from './secrets.ts'
import { runningState, type StackState, serviceUrl } from './state.ts'

/** The stack of this checkout, as a program outside would use it: by HTTP, with a token. */
export interface LocalStack {
  readonly state: StackState
  readonly secrets: Secrets
  url(service: ServiceName): string
}

export function requireStack(): LocalStack {
  const state = runningState()
  const secrets = readSecrets()
  if (state === undefined || secrets === undefined)
    throw new Failure('Tributary is not running here; start it: ./tributary up')
  return { state, secrets, url: (service) => serviceUrl(state.portBase, service) }
}

/** Asks admin for a token as an OAuth client does; without scopes it carries all the client may have. */
export async function fetchToken(
  stack: LocalStack,
  scopes: readonly string[] = [],
  client = { id: stack.secrets.clientId, secret: stack.secrets.clientSecret },
): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scopes.length > 0) form.set('scope', scopes.join(' '))
  const authorization = `Basic ${Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret)}`).toString('base64')}`
  const response = await request(`${stack.url('admin')}/oauth/token`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  })
  const answer = response.body as { access_token?: string }
  if (response.status !== 200 || answer.access_token === undefined) throw new Failure(`no token: ${describe(response)}`)
  return answer.access_token
}

export interface HttpAnswer {
  readonly status: number
  // What a service answers is checked where it is used.
  readonly body: unknown
}

/** One call of a service's API; a stack that does not answer is a failure with a way out. */
export async function request(url: string, init: RequestInit = {}): Promise<HttpAnswer> {
  let response: Response
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) })
  } catch (error) {
    throw noAnswer(url, error)
  }
  const text = await response.text()
  try {
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  } catch {
    return { status: response.status, body: text }
  }
}

function noAnswer(url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
  return new Failure(`${url} does not answer (${cause}); ./tributary status says more`)
}

/** A call with a bearer token and a JSON body; a refusal becomes a failure with the service's own words. */
export async function call<T>(token: string, method: string, url: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  if (method !== 'GET') headers['idempotency-key'] = randomUUID()
  if (body !== undefined) headers['content-type'] = 'application/json'
  const answer = await request(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  if (answer.status >= 400) throw new Failure(`${method} ${url}: ${describe(answer)}`)
  return answer.body as T
}

/** Status, code and detail of a problem, or the body as it is. */
export function describe({ status, body }: HttpAnswer): string {
  if (typeof body === 'object' && body !== null && 'code' in body) {
    const problem = body as { code: string; detail?: string; errors?: { path: string; message: string }[] }
    const errors = (problem.errors ?? []).map((each) => `; ${each.path}: ${each.message}`).join('')
    return `${status} ${problem.code}${problem.detail === undefined ? '' : `: ${problem.detail}`}${errors}`
  }
  // OAuth has a format of its own.
  if (typeof body === 'object' && body !== null && 'error' in body) {
    const refusal = body as { error: string; error_description?: string }
    return `${status} ${refusal.error}: ${refusal.error_description ?? ''}`
  }
  return `${status} ${typeof body === 'string' ? body.slice(0, 300) : JSON.stringify(body)}`
}

/**
 * Signs a webhook and sends it, again where ingest asks for a moment; `happenedAt` is the event's own time, now without it.
 * A refusal is an answer.
 */
export async function sendWebhook(
  stack: LocalStack,
  id: string,
  type: string,
  data: unknown,
  happenedAt = new Date().toISOString(),
): Promise<HttpAnswer> {
  const url = stack.url('ingest')
  try {
    const webhook = { id, type, data, timestamp: happenedAt }
    return { status: 202, body: await signAndSend(url, stack.secrets.webhookSecret, webhook) }
  } catch (error) {
    if (error instanceof ApiError) {
      const { status, code, detail, errors } = error
      return { status, body: { code, ...(detail === null ? {} : { detail }), errors } }
    }
    throw noAnswer(url, error)
  }
}
