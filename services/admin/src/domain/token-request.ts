/** A refusal in OAuth's own words (RFC 6749, section 5.2). */
export type OAuthRefusal = Readonly<{
  error: 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope'
  description: string
}>

export type TokenRequest = Readonly<{ clientId: string; clientSecret: string; scopes: readonly string[] | null }>

export type Parameters = ReadonlyMap<string, string>
export type Credentials = Readonly<{ id: string; secret: string }>

/** Reads what a client asks for. `basic` are the credentials of the Authorization header, if it had any. */
export function readTokenRequest(parameters: Parameters, basic: Credentials | null): TokenRequest | OAuthRefusal {
  const grantType = parameters.get('grant_type')
  if (grantType === undefined) return refuse('invalid_request', 'grant_type is missing')
  if (grantType !== 'client_credentials') {
    return refuse('unsupported_grant_type', 'only client_credentials is supported')
  }
  const id = parameters.get('client_id')
  const secret = parameters.get('client_secret')
  if (basic !== null && secret !== undefined) {
    return refuse('invalid_request', 'the client authenticates in more than one way')
  }
  if (basic !== null && id !== undefined && id !== basic.id) {
    return refuse('invalid_request', 'client_id differs from the Authorization header')
  }
  const credentials = basic ?? (id !== undefined && secret !== undefined ? { id, secret } : null)
  if (credentials === null) return refuse('invalid_client', 'client credentials are missing')
  if (!clientIdPattern.test(credentials.id)) return refuse('invalid_client', 'the client_id is none')
  const scope = parameters.get('scope')?.trim()
  const scopes = scope ? [...new Set(scope.split(/ +/))] : null
  return { clientId: credentials.id, clientSecret: credentials.secret, scopes }
}

/** What RFC 6749 lets a client id consist of, and no longer than any of ours: nothing else is looked for in the database. */
const clientIdPattern = /^[\x20-\x7e]{1,100}$/

/** What a token gets: what was asked for, or all the client may have; never more than that. */
export function grantScopes(
  asked: readonly string[] | null,
  allowed: readonly string[],
): readonly string[] | OAuthRefusal {
  if (asked === null) return allowed
  const refused = asked.find((scope) => !allowed.includes(scope))
  if (refused === undefined) return asked
  return refuse('invalid_scope', `the client may not have the scope ${printable(refused)}`)
}

export function isRefusal(value: object): value is OAuthRefusal {
  return 'error' in value
}

/** Credentials of HTTP Basic, each form-encoded as RFC 6749 asks; null where the header is no such thing. */
export function readBasic(header: string, fromBase64: (text: string) => string): Credentials | null {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header)?.[1]
  if (encoded === undefined) return null
  const text = fromBase64(encoded)
  const colon = text.indexOf(':')
  return colon < 0 ? null : { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) }
}

/** Many clients do not encode; what cannot be decoded is taken as it is. */
function formDecode(text: string): string {
  return /%(?![0-9A-Fa-f]{2})/.test(text) ? text : safeDecode(text.replaceAll('+', ' '))
}

function safeDecode(text: string): string {
  // Only whole UTF-8 sequences decode; a lone byte such as %ff does not.
  const decoded = new URLSearchParams(`v=${text.replaceAll('&', '%26').replaceAll('+', '%2B')}`).get('v') ?? text
  return decoded.includes('\ufffd') ? text : decoded
}

const refuse = (error: OAuthRefusal['error'], description: string): OAuthRefusal => ({ error, description })

/** RFC 6749 allows only printable ASCII, without quotes and backslashes, in a description. */
const printable = (text: string): string => text.slice(0, 64).replaceAll(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?')
