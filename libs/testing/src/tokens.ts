import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Scope } from '@tributary/contracts'
import { AUDIENCE } from '@tributary/service-kit'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'

const issuer = 'https://issuer.test'

/** Stands where services/admin stands: signs tokens, and serves the key to check them with. */
export type TestIssuer = Readonly<{
  issuer: string
  jwksUrl: string
  /** A bearer token with these scopes. A client's, unless a person is asked for. */
  tokenFor(scopes: readonly Scope[], options?: TokenOptions): Promise<string>
}>

export type TokenOptions = Readonly<{
  kind?: 'client' | 'person'
  id?: string
  issuer?: string
  audience?: string
  /** Seconds from now; negative for one that has expired. */
  expiresInSeconds?: number
}>

let ofThisFile: Promise<TestIssuer> | undefined

/** The issuer of this test file. */
export function testIssuer(): Promise<TestIssuer> {
  ofThisFile ??= startIssuer()
  return ofThisFile
}

/** A bearer token with these scopes, as services started by the fixtures believe it. */
export async function tokenFor(scopes: readonly Scope[], options?: TokenOptions): Promise<string> {
  return (await testIssuer()).tokenFor(scopes, options)
}

async function startIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'tests', alg: 'ES256', use: 'sig' }] }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(keys))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Shared by the whole file, so it must not go with the test that asked first.
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    issuer,
    jwksUrl: `http://127.0.0.1:${port}/.well-known/jwks.json`,
    tokenFor: (scopes, options = {}) => sign(privateKey, scopes, options),
  }
}

function sign(key: CryptoKey, scopes: readonly Scope[], options: TokenOptions): Promise<string> {
  const { kind = 'client', id = 'tests', expiresInSeconds = 600 } = options
  return new SignJWT({ kind, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'ES256', kid: 'tests' })
    .setIssuer(options.issuer ?? issuer)
    .setAudience(options.audience ?? AUDIENCE)
    .setSubject(id)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInSeconds)
    .sign(key)
}
