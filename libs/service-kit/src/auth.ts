import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { unavailable } from './http-problems.ts'
import { Problem } from './problem.ts'
import type { Access, Principal } from './route.ts'

export const AUDIENCE = 'tributary'

export type AuthOptions = Readonly<{ issuer: string; keys: JWTVerifyGetKey }>

/** Finds out who is asking, or refuses. Tokens are checked against the real clock, whatever time tests play. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal>

/** The issuer's keys, fetched when an unknown key id turns up, at most every 5 s, and anew after 10 minutes. */
export function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: 3_000, cooldownDuration: 5_000 })
  return keys
}

// Checking a signature costs about 0.1 ms of CPU. A token is believed again for at most a minute.
const REMEMBERED_MAX = 1_000
const REMEMBERED_MS = 60_000

export function newAuthenticate({ issuer, keys }: AuthOptions): Authenticate {
  const remembered = new Map<string, { principal: Principal; until: number }>()
  return async (request) => {
    const token = bearerToken(request)
    const fingerprint = createHash('sha256').update(token).digest('base64')
    const known = remembered.get(fingerprint)
    if (known !== undefined && known.until > Date.now()) return known.principal
    const payload = await verify(token, issuer, keys)
    const principal = toPrincipal(payload)
    if (remembered.size >= REMEMBERED_MAX) remembered.clear()
    remembered.set(fingerprint, {
      principal,
      until: Math.min(Date.now() + REMEMBERED_MS, Number(payload.exp) * 1_000),
    })
    return principal
  }
}

/** The one value of a header; a header sent twice is refused, since two readers could read it two ways. */
export function singleHeader(request: FastifyRequest, name: string): string | null {
  const values = request.raw.headersDistinct[name] ?? []
  if (values.length > 1) throw new Problem('request_malformed', { detail: `The header ${name} came more than once.` })
  return values[0] ?? null
}

function bearerToken(request: FastifyRequest): string {
  const header = singleHeader(request, 'authorization')
  if (header === null) throw new Problem('token_missing', { headers: challenge() })
  const token = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header)?.[1]
  if (token === undefined) throw new Problem('token_invalid', { headers: challenge('invalid_token') })
  return token
}

async function verify(token: string, issuer: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: AUDIENCE,
      algorithms: ['ES256'],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: 5,
    })
    return payload
  } catch (error) {
    if (isTokensFault(error)) throw new Problem('token_invalid', { headers: challenge('invalid_token') })
    throw unavailable('The keys that tokens are signed with cannot be fetched.')
  }
}

/** jose throws its base class, and fetch its own errors, when the key set itself is at fault. */
function isTokensFault(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false
  return !(
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  )
}

function toPrincipal(payload: JWTPayload): Principal {
  const { sub, kind, scope } = payload
  if (typeof sub !== 'string' || (kind !== 'client' && kind !== 'person')) {
    throw new Problem('token_invalid', { headers: challenge('invalid_token') })
  }
  return { kind, id: sub, scopes: new Set(typeof scope === 'string' ? scope.split(' ') : []) }
}

/** Whether this principal may call a route with this access; throws the refusal. */
export function authorize(principal: Principal, access: Extract<Access, { scope: string }>): void {
  if (!principal.scopes.has(access.scope)) {
    throw new Problem('scope_required', {
      detail: `The scope ${access.scope} is needed.`,
      headers: challenge('insufficient_scope', access.scope),
    })
  }
  if (access.personOnly === true && principal.kind !== 'person') throw new Problem('person_required')
}

function challenge(error?: string, scope?: string): Record<string, string> {
  const parts = ['realm="tributary"', ...(error ? [`error="${error}"`] : []), ...(scope ? [`scope="${scope}"`] : [])]
  return { 'www-authenticate': `Bearer ${parts.join(', ')}` }
}
