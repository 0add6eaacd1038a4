import { describe, expect, it } from 'vitest'
import { isWithinTolerance, readHeaders, SIGNATURES_MAX } from './webhook-headers.ts'

const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
const right = { 'webhook-id': 'msg_1', 'webhook-timestamp': '1614265330', 'webhook-signature': signature }

describe('the headers of a webhook', () => {
  it('are read as they were sent', () => {
    expect(readHeaders(right)).toEqual({
      id: 'msg_1',
      timestamp: 1614265330,
      timestampText: '1614265330',
      signatures: [signature.slice(3)],
    })
  })

  const svix = { 'svix-id': 'msg_2', 'svix-timestamp': '1614265331', 'svix-signature': `v1,${'A'.repeat(43)}=` }

  it('may have the names of Svix', () => {
    expect(readHeaders(svix)).toMatchObject({ id: 'msg_2', timestamp: 1614265331, signatures: [`${'A'.repeat(43)}=`] })
    expect(readHeaders({ ...svix, 'svix-id': 'msg.2' })).toMatchObject({ code: 'signature_malformed' })
    expect(readHeaders({ ...svix, 'svix-signature': undefined })).toEqual({
      code: 'signature_missing',
      detail: 'the header svix-signature is missing',
    })
  })

  it('of both names are those of the standard, and never some of each', () => {
    expect(readHeaders({ ...svix, ...right })).toMatchObject({ id: 'msg_1', timestamp: 1614265330 })
    for (const name of Object.keys(right)) {
      expect(readHeaders({ ...svix, ...right, [name]: undefined })).toMatchObject({ code: 'signature_missing' })
      expect(readHeaders({ ...svix, [name]: right[name as keyof typeof right] })).toMatchObject({
        code: 'signature_missing',
      })
    }
  })

  it.each(Object.keys(right))('are refused without %s', (name) => {
    expect(readHeaders({ ...right, [name]: undefined })).toMatchObject({ code: 'signature_missing' })
    expect(readHeaders({ ...right, [name]: '' })).toMatchObject({ code: 'signature_missing' })
  })

  it.each([
    ['webhook-id', 'msg.1'],
    ['webhook-id', 'msg 1'],
    ['webhook-id', 'msg_1, msg_1'],
    ['webhook-id', 'm'.repeat(129)],
    ['webhook-id', 'msg_\u00e9'],
    ['webhook-id', 'msg_\u0000'],
    ['webhook-timestamp', '1614265330abc'],
    ['webhook-timestamp', ' 1614265330'],
    ['webhook-timestamp', '1.6e9'],
    ['webhook-timestamp', '-1614265330'],
    ['webhook-timestamp', '+1614265330'],
    ['webhook-timestamp', '0x60378532'],
    ['webhook-timestamp', '1614265330.0'],
    ['webhook-timestamp', '1614265330, 1614265330'],
    ['webhook-timestamp', '\u0661\u0666\u0661\u0664\u0662\u0666\u0665\u0663\u0663\u0660'],
    ['webhook-timestamp', '161426533000000'],
    ['webhook-timestamp', 'hello'],
    ['webhook-signature', 'v1,'],
    ['webhook-signature', 'v1'],
    ['webhook-signature', signature.slice(0, -1)],
    ['webhook-signature', signature.slice(3)],
    ['webhook-signature', signature.replaceAll('+', '-').replaceAll('/', '_')],
    ['webhook-signature', `${signature}, ${signature}`],
    ['webhook-signature', `${signature}  ${signature}`],
    [
      'webhook-signature',
      Array(SIGNATURES_MAX + 1)
        .fill(signature)
        .join(' '),
    ],
    ['webhook-signature', `v2,${'A'.repeat(100_000)}`],
  ])('are refused when %s is %j', (name, value) => {
    expect(readHeaders({ ...right, [name]: value })).toMatchObject({ code: 'signature_malformed' })
  })

  it('are refused when one came as a list', () => {
    for (const name of Object.keys(right)) {
      expect(readHeaders({ ...right, [name]: ['a', 'b'] })).toMatchObject({ code: 'signature_malformed' })
    }
  })

  it('may carry signatures of versions we do not know', () => {
    const header = `v2,Ceo5qEr07ixe2NLpvHk3FH9bwy v1a,${'A'.repeat(88)} ${signature}`
    expect(readHeaders({ ...right, 'webhook-signature': header })).toMatchObject({ signatures: [signature.slice(3)] })
  })
})

describe('a timestamp', () => {
  it.each([
    [-301, false],
    [-300, true],
    [0, true],
    [300, true],
    [301, false],
  ])('%s seconds from now is near enough: %s', (difference, expected) => {
    expect(isWithinTolerance(1614265330 + difference, 1614265330)).toBe(expected)
  })
})
