import { readBody } from './http.ts'

export type Credentials = Readonly<{
  /** Of services/admin. */
  adminUrl: string
  clientId: string
  clientSecret: string
  /** Default: all the client may have. */
  scopes?: readonly string[]
}>

/** A token that is good for the next call, fetched when needed, by one request however many ask. */
export type TokenSource = Readonly<{ get(): Promise<string>; forget(): void }>

// A token is replaced a minute before it ends, so that none ends on its way.
const EARLY_MS = 60_000

/** Gets tokens with client credentials from services/admin and keeps them while they last. */
export function clientCredentials(credentials: Credentials): TokenSource {
  let current: Promise<{ token: string; until: number }> | null = null
  const source: TokenSource = {
    async get() {
      current ??= fetchToken(credentials)
      const mine = current
      try {
        const { token, until } = await mine
        if (until > Date.now()) return token
      } catch (error) {
        if (current === mine) current = null
        throw error
      }
      if (current === mine) current = null
      return source.get()
    },
    forget() {
      current = null
    },
  }
  return source
}

/** A token somebody else got. */
export function fixedToken(token: string): TokenSource {
  return { get: async () => token, forget() {} }
}

async function fetchToken({
  adminUrl,
  clientId,
  clientSecret,
  scopes,
}: Credentials): Promise<{ token: string; until: number }> {
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (scopes !== undefined) form.set('scope', scopes.join(' '))
  const response = await fetch(new URL('/oauth/token', adminUrl), {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: form,
    signal: AbortSignal.timeout(10_000),
  })
  const body = (await readBody(response)) as { access_token?: string; expires_in?: number; error?: string }
  if (!response.ok || body.access_token === undefined) {
    throw new Error(`no token for ${clientId}: ${response.status} ${body?.error ?? ''}`)
  }
  // At least a second, or a clock that is off would make this a busy loop.
  const livesMs = Math.max((body.expires_in ?? 0) * 1_000 - EARLY_MS, 1_000)
  return { token: body.access_token, until: Date.now() + livesMs }
}
