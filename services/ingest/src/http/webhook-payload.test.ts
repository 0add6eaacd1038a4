import { describe, expect, it } from 'vitest'
import { isFaulty, knownEvents, readPayload } from './webhook-payload.ts'

const paid = {
  externalUserId: 'u1',
  invoiceId: 'in_1',
  subscriptionId: 's1',
  amount: 1000,
  currency: 'USD',
}
const timestamp = '2026-03-01T12:00:00.5+01:00'

function read(payload: unknown) {
  return readPayload(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)))
}
function paths(payload: unknown): string[] {
  const result = read(payload)
  return isFaulty(result) ? [...new Set(result.map((fault) => fault.path))] : []
}

describe('a payload', () => {
  it('of a known type is read', () => {
    expect(read({ type: 'subscription.paid', timestamp, data: paid })).toEqual({
      type: 'subscription.paid',
      statedTime: new Date('2026-03-01T11:00:00.500Z'),
    })
  })

  it('may carry in its data more than we read, and no timestamp', () => {
    const data = { ...paid, constructor: 'Ferrari', nested: { list: [1, { two: 2 }] } }
    expect(read({ type: 'subscription.paid', data })).toEqual({ type: 'subscription.paid', statedTime: null })
  })

  it.each(['reward.earned', 'screening.passed', 'course.completed', 'a.b.c.d', 'custom.thing', 'x_1.y_2'])(
    'of the type %s is of the sender’s own making',
    (type) => {
      expect(knownEvents.map((event) => event.type)).not.toContain(type)
      expect(read({ type, data: { externalUserId: 'u1' } })).toMatchObject({ type })
      expect(paths({ type, data: {} })).toEqual(['/data/externalUserId'])
    },
  )

  it.each([
    'paid',
    'Subscription.paid',
    'subscription..paid',
    '.paid',
    'a.b.c.d.e',
    `a.${'b'.repeat(64)}`,
    'a.#',
    'a.*',
    'a.b\n',
    7,
    null,
    ['a.b'],
    undefined,
  ])('is refused with the type %j', (type) => expect(paths({ type, data: paid })).toContain('/type'))

  it.each(['2026-03-01', '2026-03-01T12:00:00', '2026-02-30T12:00:00Z', '1614265330', 1614265330, null, ''])(
    'is refused with the timestamp %j',
    (wrong) => {
      expect(paths({ type: 'subscription.paid', timestamp: wrong, data: paid })).toEqual(['/timestamp'])
    },
  )

  it.each([
    [{ amount: -1 }, '/data/amount'],
    [{ amount: 0 }, '/data/amount'],
    [{ amount: 10.5 }, '/data/amount'],
    [{ amount: '1000' }, '/data/amount'],
    [{ amount: 9007199254740992 }, '/data/amount'],
    [{ amount: null }, '/data/amount'],
    [{ currency: 'usd' }, '/data/currency'],
    [{ currency: 'ZZZ' }, '/data/currency'],
    [{ currency: 'US' }, '/data/currency'],
    [{ externalUserId: '' }, '/data/externalUserId'],
    [{ externalUserId: ' u1' }, '/data/externalUserId'],
    [{ externalUserId: 'u'.repeat(201) }, '/data/externalUserId'],
    [{ invoiceId: 7 }, '/data/invoiceId'],
    [{ period: 1.5 }, '/data/period'],
    [{ note: 'a\u0000b' }, '/data/note'],
    [{ note: '\ud800' }, '/data/note'],
  ])('is refused with %j in its data', (wrong, path) => {
    expect(paths({ type: 'subscription.paid', timestamp, data: { ...paid, ...wrong } })).toEqual([path])
  })

  it.each([
    ['no JSON', '{"type":', ''],
    ['nothing', '', ''],
    ['a byte order mark', `\ufeff{"type":"a.b","data":{"externalUserId":"u"}}`, ''],
    ['a list', '[]', ''],
    ['null', 'null', ''],
    ['NaN', '{"type":"a.b","data":{"externalUserId":"u","x":NaN}}', ''],
    ['a field that we do not know', '{"type":"a.b","data":{"externalUserId":"u"},"id":"1"}', '/id'],
    ['__proto__ beside data', '{"type":"a.b","data":{"externalUserId":"u"},"__proto__":{"a":1}}', '/__proto__'],
    ['__proto__ in data', '{"type":"a.b","data":{"externalUserId":"u","__proto__":{"a":1}}}', '/data'],
    ['two types', '{"type":"a.c","type":"a.b","data":{"externalUserId":"u"}}', ''],
    ['two of a field in data', '{"type":"a.b","data":{"externalUserId":"u","x":[{"y":1,"y":1}]}}', ''],
    [
      'two of a field, one of them spelt otherwise',
      '{"type":"a.b","data":{"externalUserId":"u","\\u0078":1,"x":2}}',
      '',
    ],
    ['no data', '{"type":"a.b"}', '/data'],
    ['a list of data', '{"type":"a.b","data":[]}', '/data'],
    ['an amount beyond every number', '{"type":"a.b","data":{"externalUserId":"u","amount":1e999}}', '/data/amount'],
    ['10,000 levels', `{"type":"a.b","data":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, null],
  ])('is refused with %s', (_, text, path) => {
    expect(paths(text)).toEqual([path ?? expect.stringMatching(/^(\/data)?(\/a)+$/)])
  })

  it('is refused where it is not UTF-8, whatever it would read as', () => {
    const body = Buffer.from('{"type":"a.b","data":{"externalUserId":"\xff"}}', 'latin1')
    expect(readPayload(body)).toEqual([{ path: '', message: 'must be UTF-8' }])
  })

  it('that is wrong everywhere gets a short answer', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]))
    expect(paths({ ...many, type: 'a.b', data: {} })).toHaveLength(20)
  })
})
