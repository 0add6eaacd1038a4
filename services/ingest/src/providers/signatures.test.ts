import { describe, expect, it } from 'vitest'
import { githubStyle } from './github-style.ts'
import type { Provider } from './provider.ts'
import { shopify } from './shopify.ts'
import { stripe } from './stripe.ts'

const hex = '10c96c6fd3f320fcfc264cdc4f476c15060ede8e8a08404cea2ddf3b72544a9c'
const otherHex = '0'.repeat(64)

function isRight(provider: Provider, secret: string, headers: Record<string, string>, body: string): boolean | string {
  const signed = provider.readSignature(headers)
  return 'code' in signed ? signed.code : signed.isSignedBy([provider.keyOf(secret)], Buffer.from(body))
}

describe("a provider's published example", () => {
  it.each([
    ['Stripe', stripe, 'whsec_test_secret', { 'stripe-signature': `t=1614265330,v1=${hex}` }, '{"test": 2432232314}'],
    [
      'GitHub',
      githubStyle,
      "It's a Secret to Everybody",
      { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
      'Hello, World!',
    ],
    [
      'Shopify',
      shopify,
      'hush',
      { 'x-shopify-hmac-sha256': 'VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1/GSeY=' },
      '{"id":1}',
    ],
  ] as const)('of %s matches, and with another body or secret does not', (_, provider, secret, headers, body) => {
    expect(isRight(provider, secret, { ...headers }, body)).toBe(true)
    expect(isRight(provider, secret, { ...headers }, `${body} `)).toBe(false)
    expect(isRight(provider, `${secret}x`, { ...headers }, body)).toBe(false)
  })
})

describe('the signature header of Stripe', () => {
  const check = (header: string) =>
    isRight(stripe, 'whsec_test_secret', { 'stripe-signature': header }, '{"test": 2432232314}')

  it.each([
    `t=1614265330,v1=${otherHex},v1=${hex}`,
    `t=1614265330, v1=${hex}, v0=${otherHex}`,
    `v1=${hex},t=1614265330`,
    `t=1614265330,v1=${hex.toUpperCase()}`,
  ])('may be %s', (header) => expect(check(header)).toBe(true))

  it.each([
    't=1614265330',
    `v1=${hex}`,
    `t=1614265330,v0=${hex}`,
    `t=1614265330,t=1614265331,v1=${hex}`,
    `t=1614265330abc,v1=${hex}`,
    `t=1.6e9,v1=${hex}`,
    `t=-1,v1=${hex}`,
    `t=1614265330,v1=${hex.slice(1)}`,
    `t=1614265330,v1=${hex};`,
    `t=1614265330${`,v1=${hex}`.repeat(9)}`,
    `t=1614265330,v1=${hex},x=${'y'.repeat(2000)}`,
    ',',
    't=1614265330,v1',
  ])('is malformed as %s', (header) => expect(check(header)).toBe('signature_malformed'))

  it('covers its time', () => expect(check(`t=1614265331,v1=${hex}`)).toBe(false))
})

it.each([
  [githubStyle, 'x-hub-signature-256', ['sha1=x', `sha256=${hex.slice(1)}`, hex, `sha256=${hex}, sha256=${hex}`]],
  [
    shopify,
    'x-shopify-hmac-sha256',
    ['x', hex, 'VnKUjZsLuN5iZWjn5EntcBVCF9kMN43LglzCE1_GSeY=', `${'A'.repeat(43)}=, x`],
  ],
] as const)('$source: anything else is malformed, and nothing is missing', (provider, name, wrong) => {
  expect(provider.readSignature({})).toMatchObject({ code: 'signature_missing' })
  expect(provider.readSignature({ [name]: '' })).toMatchObject({ code: 'signature_missing' })
  for (const value of wrong)
    expect(provider.readSignature({ [name]: value })).toMatchObject({ code: 'signature_malformed' })
})
