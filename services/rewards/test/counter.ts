import type { Scope } from '@tributary/contracts'
import { startTestService, type TestService, type TokenOptions, tokenFor } from '@tributary/testing'
import { rewards } from '../src/app.ts'

/** Every field of an answer that tests go on with. */
type Body = Readonly<{
  id: string
  code: string
  status: string
  activeFrom: string
  refereeId: string
  nextCursor: string | null
  items: readonly Body[]
  versions: readonly Body[]
  errors: readonly { path: string; message: string }[]
  warnings: readonly { path: string; message: string }[]
  history: readonly Record<string, unknown>[]
  explanation: string
  name: string
  externalUserId: string
}>

/** An answer as a caller sees it. */
export type Answered = Readonly<{ status: number; body: Body }>

export type AskOptions = TokenOptions & Readonly<{ key?: string }>

export type Counter = Readonly<{
  service: TestService
  /** Asks with a token that may do everything here, or only what `scopes` says. */
  ask(method: string, path: string, body?: unknown, scopes?: readonly Scope[], options?: AskOptions): Promise<Answered>
  /** What a list or report is as CSV. */
  csv(path: string): Promise<string>
  /** Hands in a file. */
  send(path: string, csv: string): Promise<Answered>
}>

const all: readonly Scope[] = [
  'users:read',
  'users:write',
  'rules:read',
  'rules:write',
  'rewards:read',
  'rewards:write',
]

/** The whole service, asked over HTTP. */
export async function openCounter(): Promise<Counter> {
  const service = await startTestService('rewards', rewards, { own: { REWARDS_RELEASE_EVERY_MS: 1_000 } })
  return {
    service,
    async csv(path) {
      const headers = { accept: 'text/csv', authorization: `Bearer ${await tokenFor(all)}` }
      return await (await service.fetch(path, { headers })).text()
    },
    async send(path, csv) {
      const headers = { 'content-type': 'text/csv', authorization: `Bearer ${await tokenFor(all)}` }
      const answer = await service.fetch(path, { method: 'POST', headers, body: csv })
      return { status: answer.status, body: (await answer.json()) as Answered['body'] }
    },
    async ask(method, path, body, scopes = all, { key, ...token } = {}) {
      const answer = await service.fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${await tokenFor(scopes, token)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: (await answer.json()) as Answered['body'] }
    },
  }
}
