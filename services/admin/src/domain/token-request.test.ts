import { expect, test } from 'vitest'
import { grantScopes, readBasic, readTokenRequest } from './token-request.ts'

const grant = ['grant_type', 'client_credentials'] as const
const id = ['client_id', 'shop'] as const
const secret = ['client_secret', 's3cret'] as const
const basic = { id: 'shop', secret: 's3cret' }

test.each([
  ['credentials in the body', [grant, id, secret], null, { clientId: 'shop', clientSecret: 's3cret', scopes: null }],
  ['credentials in the header', [grant], basic, { clientId: 'shop', clientSecret: 's3cret', scopes: null }],
  ['the id in both', [grant, id], basic, { clientId: 'shop' }],
  ['scopes, once each', [grant, ['scope', ' a  b a ']], basic, { scopes: ['a', 'b'] }],
  ['an empty scope is none', [grant, ['scope', '']], basic, { scopes: null }],
  ['no grant type', [id, secret], null, { error: 'invalid_request' }],
  ['another grant type', [['grant_type', 'password'], id, secret], null, { error: 'unsupported_grant_type' }],
  ['secrets in two places', [grant, secret], basic, { error: 'invalid_request' }],
  ['another id in the body', [grant, ['client_id', 'other']], basic, { error: 'invalid_request' }],
  ['no credentials', [grant], null, { error: 'invalid_client' }],
  ['an id alone', [grant, id], null, { error: 'invalid_client' }],
] as const)('a token request is read: %s', (_name, parameters, credentials, expected) => {
  expect(readTokenRequest(new Map<string, string>(parameters), credentials)).toMatchObject(expected)
})

test.each([
  ['all it may have, when it asks for none', null, ['a', 'b'], ['a', 'b']],
  ['less, when it asks for less', ['b'], ['a', 'b'], ['b']],
  ['never more', ['a', 'c'], ['a', 'b'], { error: 'invalid_scope' }],
  ['nothing, when it may nothing', null, [], []],
])('a token gets %s', (_name, asked, allowed, expected) => {
  const granted = grantScopes(asked, allowed)
  if (Array.isArray(expected)) expect(granted).toEqual(expected)
  else expect(granted).toMatchObject(expected)
})

test.each([
  ['plain', 'shop:s3cret', { id: 'shop', secret: 's3cret' }],
  ['encoded as RFC 6749 asks', 'my%20shop:a%3Ab%2Bc%25', { id: 'my shop', secret: 'a:b+c%' }],
  ['a plus is a blank', 'my+shop:x', { id: 'my shop', secret: 'x' }],
  ['not encoded, with a percent sign', 'shop:100%sure', { id: 'shop', secret: '100%sure' }],
  ['bytes that are no text', 'shop:%ff', { id: 'shop', secret: '%ff' }],
  ['a colon in the secret', 'shop:a:b', { id: 'shop', secret: 'a:b' }],
  ['no colon', 'shop', null],
])('basic credentials are read: %s', (_name, text, expected) => {
  const decode = (encoded: string) => Buffer.from(encoded, 'base64').toString()
  expect(readBasic(`Basic ${Buffer.from(text).toString('base64')}`, decode)).toEqual(expected)
})

test('a header of another kind has no basic credentials', () => {
  expect(readBasic('Bearer abc', (text) => text)).toBeNull()
})
