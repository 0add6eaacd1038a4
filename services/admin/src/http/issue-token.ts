import type { Database } from '@tributary/database'
import { AUDIENCE, answer, route, singleHeader } from '@tributary/service-kit'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { secretMatches } from '../client-secret.ts'
import type { FailedAttempts } from '../domain/failed-attempts.ts'
import { grantScopes, isRefusal, type OAuthRefusal, readBasic, readTokenRequest } from '../domain/token-request.ts'
import type { SigningKeys } from '../signing-keys.ts'
import type { ApiClient } from '../store/api-clients.ts'
import { newTurns } from '../turns.ts'
import { readParameters } from './read-parameters.ts'
import { tokenExamples } from './token-examples.ts'

export type IssueTokenOptions = Readonly<{
  issuer: string
  keys: SigningKeys
  attempts: FailedAttempts
  findClient: (db: Database, id: string, now: Date) => Promise<ApiClient | null>
}>

/** Fifteen minutes: what a stolen token is good for, and how long a disabled client lives on. */
export const TOKEN_SECONDS = 900

// A minute's worth. Ten: a person who mistypes gets through, a list of guesses does not. An address may be many clients' proxy.
const CLIENT_FAILURES_MAX = 10
const ADDRESS_FAILURES_MAX = 100

// At once; others wait, so that guesses made at once are counted, too, and never take all four threads that Node hashes on.
const CHECKS_MAX = 2

const token = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  scope: z.string(),
})
const refusal = z.object({ error: z.string(), error_description: z.string() })

// OAuth asks for these on every answer that has to do with tokens.
const uncached = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** The token endpoint of RFC 6749: client credentials only. Its refusals are in OAuth's own format, as its clients expect. */
export function issueToken({ issuer, keys, attempts, findClient }: IssueTokenOptions) {
  const inTurn = newTurns(CHECKS_MAX)
  return route({
    method: 'POST',
    path: '/oauth/token',
    summary: 'Get a bearer token with client credentials',
    access: { public: 'the client authenticates with its secret' },
    // Twice the longest sensible request: all scopes and long credentials.
    rawBodyMaxBytes: 8_192,
    rawBodyType: 'application/x-www-form-urlencoded',
    examples: tokenExamples,
    answers: { 200: token, 400: refusal, 401: refusal, 429: refusal },
    async handle({ body, request }, { db, now, newId }) {
      const nowMs = now().getTime()
      const parameters = readParameters(request.headers['content-type'] ?? '', body as unknown as Buffer)
      if (isRefusal(parameters)) return refuse(parameters)
      const header = singleHeader(request, 'authorization')
      const basic = header === null ? null : readBasic(header, (text) => Buffer.from(text, 'base64').toString('utf8'))
      if (header !== null && basic === null) return refuse(badClient, true)
      const asked = readTokenRequest(parameters, basic)
      if (isRefusal(asked)) return refuse(asked, basic !== null)

      const suspects = [
        { key: `address ${request.ip}`, failuresMax: ADDRESS_FAILURES_MAX },
        { key: `client ${asked.clientId.slice(0, 100)} at ${request.ip}`, failuresMax: CLIENT_FAILURES_MAX },
      ]
      if (attempts.waitMs(suspects, nowMs) > 0) return tooMany(attempts.waitMs(suspects, nowMs))
      const client = await findClient(db, asked.clientId, now())
      const checked = await inTurn(async () => {
        // Others may have failed while this one waited for its turn.
        const waitMs = attempts.waitMs(suspects, nowMs)
        if (waitMs > 0) return { waitMs }
        const matches = await secretMatches(asked.clientSecret, client?.secret ?? null)
        if (!matches) attempts.add(suspects, nowMs)
        return { waitMs, matches }
      })
      if (checked.waitMs > 0) return tooMany(checked.waitMs)
      if (client === null || checked.matches !== true) return refuse(badClient, basic !== null)
      const scopes = grantScopes(asked.scopes, client.scopes)
      if (isRefusal(scopes)) return refuse(scopes)
      const scope = scopes.join(' ')
      const accessToken = await sign(keys, { issuer, clientId: client.id, scope, id: newId() }, now())
      const good = { access_token: accessToken, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope }
      return answer(200, good, uncached)
    },
  })
}

const badClient: OAuthRefusal = { error: 'invalid_client', description: 'the client is unknown or its secret is wrong' }

function refuse({ error, description }: OAuthRefusal, basic = false) {
  const status = error === 'invalid_client' ? 401 : 400
  const challenge: Record<string, string> =
    basic && status === 401 ? { 'www-authenticate': 'Basic realm="tributary"' } : {}
  return answer(status, { error, error_description: description }, { ...uncached, ...challenge })
}

function tooMany(waitMs: number) {
  const body = { error: 'temporarily_unavailable', error_description: 'too many failed attempts' }
  return answer(429, body, { ...uncached, 'retry-after': String(Math.ceil(waitMs / 1_000)) })
}

type Claims = Readonly<{ issuer: string; clientId: string; scope: string; id: string }>

function sign(keys: SigningKeys, { issuer, clientId, scope, id }: Claims, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000)
  return new SignJWT({ kind: 'client', client_id: clientId, scope })
    .setProtectedHeader({ alg: 'ES256', kid: keys.keyId, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject(clientId)
    .setJti(id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + TOKEN_SECONDS)
    .sign(keys.privateKey)
}
