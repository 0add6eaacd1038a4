import { exchange } from './http.ts'
import { type Retries, withRetries } from './retry.ts'

export type Credentials = Readonly<{
  /** Of services/admin. */
  adminUrl: string
  clientId: string
  clientSecret: string
  /** Default: all the client may have. */
  scopes?: readonly string[]
  retries?: Retries
}>

/** A token that is good for the next call, fetched when needed, by one request however many ask. */
export type TokenSource = Readonly<{
  get(): Promise<string>
  /** Says that this token was refused; another may have come since. */
  forget(token: string): void
}>

// A token is replaced a minute before it ends, or at half its life, so that none ends on its way.
const EARLY_MS = 60_000

/** Gets tokens with client credentials from services/admin and keeps them while they last. */
export function clientCredentials(credentials: Credentials): TokenSource {
  let current: Promise<Held> | null = null
  let held: Held | null = null
  const fetchOne = async () => {
    held = await fetchToken(credentials)
    return held
  }
  const source: TokenSource = {
    async get() {
      if (held !== null && held.until <= Date.now()) source.forget(held.token)
      current ??= fetchOne()
      const mine = current
      try {
        return (await mine).token
      } catch (error) {
        if (current === mine) current = null
        throw error
      }
    },
    forget(token) {
      if (held?.token !== token) return
      held = null
      current = null
    },
  }
  return source
}

/** A token somebody else got. */
export function fixedToken(token: string): TokenSource {
  return { get: async () => token, forget() {} }
}

type Held = Readonly<{ token: string; until: number }>

/** Asks as an OAuth client does. A right secret is never refused for good, so what passes is waited for. */
async function fetchToken({ adminUrl, clientId, clientSecret, scopes, retries = {} }: Credentials): Promise<Held> {
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scopes !== undefined) form.set('scope', scopes.join(' '))
  const answer = await withRetries(retries, 'always', undefined, () =>
    exchange({
      method: 'POST',
      url: new URL('/oauth/token', adminUrl).href,
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      timeoutMs: 10_000,
    }),
  ).catch((error: unknown) => {
    throw new Error(`no token for ${clientId}: ${(error as Error).message}`, { cause: error })
  })
  const { access_token: token, expires_in: seconds = 0 } = answer as { access_token?: string; expires_in?: number }
  if (token === undefined) throw new Error(`no token for ${clientId}: the answer has none`)
  const livesMs = seconds * 1_000
  // At least a second, or a clock that is off would make this a busy loop.
  return { token, until: Date.now() + Math.max(livesMs - Math.min(EARLY_MS, livesMs / 2), 1_000) }
}
