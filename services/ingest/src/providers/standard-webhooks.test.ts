import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isHeaderFault, readHeaders } from '../domain/webhook-headers.ts'
import { isSignedBy, newSecret, parseSecret } from './standard-webhooks.ts'

// Computed with two independent implementations; the first is in the test suite of every Standard Webhooks library.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const key = parseSecret(secret)!
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
const timestamp = '1614265330'
const vector = [id, timestamp, '{"test": 2432232314}', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='] as const
const specBody =
  '{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'
const other = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc='

function check(expected: boolean, [webhookId, at, body, signature]: readonly (string | Buffer)[], keys = [key]) {
  const headers = readHeaders({
    'webhook-id': webhookId as string,
    'webhook-timestamp': at as string,
    'webhook-signature': signature as string,
  })
  if (isHeaderFault(headers)) throw new Error(headers.detail)
  expect(isSignedBy(keys, headers, Buffer.from(body!))).toBe(expected)
}

describe('a signature', () => {
  it.each([
    ['the vector that every library has', vector],
    ['no body', [id, timestamp, '', 'v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A=']],
    ['UTF-8', [id, timestamp, '{"name":"Zo\u00eb \u{1f381}"}', 'v1,tZZc0ebavil6+b3FGGD5lBffv/skj/nTob3Ial7U3Ik=']],
    [
      'bytes that are no text',
      [id, timestamp, Buffer.from('fffe0041', 'hex'), 'v1,+PdgtxZT7PPz4sjFgSwkeTXvkSNvnT3uaAnXxy08TGg='],
    ],
    [
      'the body in the spec',
      ['msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', '1674087231', specBody, 'v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ='],
    ],
    // The same text in other bytes: other bytes are signed.
    [
      'the first vector written anew',
      [id, timestamp, '{"test":2432232314}', 'v1,Vif40peJBP7Iyl0XGmu61n4MwdrcHov5CFREBpE0svs='],
    ],
    ['one right signature among others', [...vector.slice(0, 3), `${other} v2,Ceo5 ${vector[3]} ${other}`]],
  ])('matches: %s', (_, parts) => check(true, parts))

  it.each([
    ['a body of the same meaning and other bytes', [id, timestamp, '{"test":2432232314}', vector[3]]],
    ['a body with a byte order mark', [id, timestamp, `\ufeff${vector[2]}`, vector[3]]],
    ['another id', ['msg_2', timestamp, vector[2], vector[3]]],
    ['another timestamp', [id, '1614265331', vector[2], vector[3]]],
    ['the same seconds in other digits', [id, '01614265330', vector[2], vector[3]]],
    ['a signature of something else', [id, timestamp, vector[2], other]],
    [
      'a base64 of other letters',
      [id, timestamp, Buffer.from('fffe0041', 'hex'), 'v1,o3akpyvw9YEJOzSZ+0/9wBLawfEpBe0uxbwOZHYVi2E='],
    ],
    [
      'the signature that the spec shows beside its example, which is of another webhook',
      ['msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', '1674087231', specBody, 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='],
    ],
    // A public key is what v1a needs; its signature of the first vector is right, and none of ours.
    [
      'Ed25519',
      [
        id,
        timestamp,
        vector[2],
        'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
      ],
    ],
    ['the body before it was compressed', [id, timestamp, gzipSync(vector[2]), vector[3]]],
    ['only versions that we do not know', [id, timestamp, vector[2], vector[3].replace('v1', 'v2')]],
  ])('does not match: %s', (_, parts) => check(false, parts))

  it('counts under each of two secrets while they rotate, and under no other', () => {
    const another = parseSecret(newSecret())!
    check(true, vector, [another, key])
    check(true, vector, [key, another])
    check(false, vector, [another])
    check(false, vector, [])
  })
})

describe('a secret', () => {
  it.each([
    '',
    'whsec_',
    'whsec_c2hvcnQ=',
    secret.slice('whsec_'.length),
    `${secret}=`,
    `${secret}\n`,
    `whsec_${'A'.repeat(88)}`,
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_',
  ])('is none: %j', (text) => expect(parseSecret(text)).toBeNull())

  it('is new each time, and can be read back', () => {
    expect(newSecret()).not.toBe(newSecret())
    expect(parseSecret(newSecret())?.symmetricKeySize).toBe(32)
  })
})
