import { gzipSync } from 'node:zlib'
import { type TestService, tokenFor } from '@tributary/testing'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { type RawAnswer, sendRaw } from './raw-socket.ts'
import { startToy } from './toy.ts'

let toy: TestService
let token: string
beforeAll(async () => {
  toy = await startToy({}, { headersTimeoutMs: 300, requestTimeoutMs: 600 })
  token = await tokenFor(['users:write', 'users:read'])
})

const id = '0190163d-8694-739b-aea5-966c26f8ad91'
const good = '{"amount":5}'

/** A request as bytes; a header given as undefined is left out. */
function request(
  method: string,
  path: string,
  headers: Record<string, string | undefined> = {},
  body: string | Buffer = '',
) {
  const all: Record<string, string | undefined> = {
    host: 'toy',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]))
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)])
}

const post = (body: string | Buffer, headers: Record<string, string | undefined> = {}) =>
  sendRaw(toy.url, [request('POST', '/api/v1/toys', headers, body)])

function expectProblem(answer: RawAnswer, status: number, code: string): Record<string, unknown> {
  expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(`"code":"${code}"`)])
  expect(answer.headers).toContain('content-type: application/problem+json')
  const body = JSON.parse(answer.body) as Record<string, unknown>
  expect(body).toMatchObject({ status, code, title: expect.any(String), type: expect.stringContaining(`/${code}.md`) })
  return body
}

/** Whatever a bad request did, the next good one is served. */
afterEach(async () => {
  const answer = await post(good)
  expect([answer.status, answer.body]).toEqual([201, '{"amount":5}'])
})

test.each<[string, string | Buffer, string]>([
  ['cut off inside', '{"amount":', 'request_malformed'],
  ['not JSON', 'amount=5', 'request_malformed'],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'request_malformed'],
  ['with __proto__', '{"__proto__":{"amount":5},"amount":5}', 'request_malformed'],
  ['with constructor.prototype', '{"constructor":{"prototype":{}},"amount":5}', 'request_malformed'],
  ['nested 5,000 deep', `{"data":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'request_malformed'],
])('a body is refused as malformed: %s', async (_name, body, code) => {
  expectProblem(await post(body), 400, code)
})

test.each<[string, string, unknown[]]>([
  ['nothing', '', [{ path: '', message: 'a body is needed' }]],
  ['null', 'null', [{ path: '' }]],
  ['a list', '[]', [{ path: '' }]],
  ['a field that is not known', '{"amount":5,"amuont":6}', [{ path: '/amuont', message: 'is not known here' }]],
  [
    'one inside another',
    '{"amount":5,"data":{"note":"x","a/b":1}}',
    [{ path: '/data/a~1b', message: 'is not known here' }],
  ],
  ['a negative amount', '{"amount":-5}', [{ path: '/amount' }]],
  ['a fractional amount', '{"amount":5.5}', [{ path: '/amount' }]],
  ['an amount as text', '{"amount":"5"}', [{ path: '/amount' }]],
  ['an amount of nothing', '{"amount":0}', [{ path: '/amount' }]],
  ['an amount one past exactness', '{"amount":9007199254740992}', [{ path: '/amount' }]],
  ['a huge number', '{"amount":1e400}', [{ path: '/amount' }]],
  ['several faults', '{"amount":"x","data":{}}', [{ path: '/amount' }, { path: '/data/note' }]],
])('a payload is refused, with the place of each fault: %s', async (_name, body, errors) => {
  expect(expectProblem(await post(body), 422, 'payload_invalid').errors).toMatchObject(errors)
})

test.each<[string, Record<string, string | undefined>, string | Buffer]>([
  ['another content type', { 'content-type': 'text/plain' }, good],
  ['no content type', { 'content-type': undefined }, good],
  ['one that starts alike', { 'content-type': 'application/jsonp' }, good],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'amount=5'],
  ['gzip', { 'content-encoding': 'gzip' }, gzipSync(good)],
])('a body of this kind is not read: %s', async (_name, headers, body) => {
  expectProblem(await post(body, headers), 415, 'content_type_unsupported')
})

test.each<[string, string, number, unknown]>([
  ['an id that is no UUID', '/api/v1/toys/a.b.c', 422, [{ path: '/params/id' }]],
  ['a number that is none', `/api/v1/toys/${id}?limit=many`, 422, [{ path: '/query/limit' }]],
  ['a number out of bounds', `/api/v1/toys/${id}?limit=201`, 422, [{ path: '/query/limit' }]],
  ['a parameter twice', `/api/v1/toys/${id}?limit=1&limit=2`, 422, [{ path: '/query/limit' }]],
  ['an unknown parameter', `/api/v1/toys/${id}?limt=1`, 422, [{ path: '/query/limt' }]],
  ['__proto__ as a parameter', `/api/v1/toys/${id}?__proto__=1`, 422, [{ path: '/query/__proto__' }]],
])('a query or path is refused: %s', async (_name, path, status, errors) => {
  expect(expectProblem(await sendRaw(toy.url, [request('GET', path)]), status, 'payload_invalid').errors).toMatchObject(
    errors as object,
  )
})

test('a path that does not decode is malformed', async () => {
  expectProblem(await sendRaw(toy.url, [request('GET', '/api/v1/toys/%zz')]), 400, 'request_malformed')
})

test('a path nobody serves is 404, and a method nobody serves there is 405 with those that are', async () => {
  expectProblem(await sendRaw(toy.url, [request('GET', '/api/v1/nothing')]), 404, 'not_found')
  expectProblem(await sendRaw(toy.url, [request('GET', `/api/v1/toys/${'x'.repeat(1_000)}`)]), 404, 'not_found')
  const answer = await sendRaw(toy.url, [request('DELETE', `/api/v1/toys/${id}`)])
  expectProblem(answer, 405, 'method_not_allowed')
  expect(answer.headers).toContain('allow: get, head\r\n')
  expect((await sendRaw(toy.url, [request('OPTIONS', '/api/v1/toys')])).headers).toContain('allow: post\r\n')
  expectProblem(await sendRaw(toy.url, [request('POST', '/livez')]), 405, 'method_not_allowed')
})

test('a body over 64 KiB is refused, however it says how long it is', async () => {
  const body = JSON.stringify({ amount: 5, data: { note: 'x'.repeat(70_000) } })
  expectProblem(await post(body), 413, 'payload_too_large')
  const chunks = body.match(/.{1,9999}/g)!.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  const head = request('POST', '/api/v1/toys', { 'content-length': undefined, 'transfer-encoding': 'chunked' })
  expectProblem(await sendRaw(toy.url, [head, ...chunks, '0\r\n\r\n']), 413, 'payload_too_large')
})

test('a chunked body is read like any other', async () => {
  const head = request('POST', '/api/v1/toys', { 'content-length': undefined, 'transfer-encoding': 'chunked' })
  expect((await sendRaw(toy.url, [head, '5\r\n{"amo\r\n', '7\r\nunt":5}\r\n', '0\r\n\r\n'])).status).toBe(201)
  expect((await sendRaw(toy.url, [head, 'zz\r\n{"amo\r\n'])).status).toBe(400)
})

test('a body that ends early never reaches the handler', async () => {
  const head = request('POST', '/api/v1/toys', { 'content-length': '500' }, good)
  await sendRaw(toy.url, [head], { hangUp: true })
  expectProblem(await sendRaw(toy.url, [head]), 408, 'request_timeout')
})

test('a megabyte of headers is refused', async () => {
  const answer = await sendRaw(toy.url, [request('GET', '/livez', { 'x-large': 'x'.repeat(1_000_000) })])
  // The server may close while we still write, and the answer is lost with the connection then; it must not hang or take them.
  if (answer.status !== 0) expectProblem(answer, 431, 'headers_too_large')
  expectProblem(
    await sendRaw(toy.url, [request('GET', '/livez', { 'x-large': 'x'.repeat(20_000) })]),
    431,
    'headers_too_large',
  )
})

test('headers that two readers could read two ways are refused', async () => {
  const twice = (lines: string) =>
    sendRaw(toy.url, [`GET /api/v1/toys/${id} HTTP/1.1\r\nhost: toy\r\nauthorization: Bearer ${token}\r\n${lines}\r\n`])
  expectProblem(await twice('authorization: Bearer other\r\n'), 400, 'request_malformed')
  expect((await twice('content-length: 0\r\ncontent-length: 5\r\n')).status).toBe(400)
  expect((await twice('content-length: 5\r\ntransfer-encoding: chunked\r\n')).status).toBe(400)
  expect((await twice('x-any: 1\r\nx-any: 2\r\n')).status).toBe(200)
})

test('what is no HTTP is answered and closed', async () => {
  expectProblem(await sendRaw(toy.url, ['hello\r\n\r\n']), 400, 'request_malformed')
  expectProblem(await sendRaw(toy.url, ['FOO / HTTP/1.1\r\nhost: toy\r\n\r\n']), 400, 'request_malformed')
  await sendRaw(toy.url, [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00])])
})

test('what cannot be read costs no request before it on the connection its answer', async () => {
  const one = request('POST', '/api/v1/toys', {}, good)
  const after = (...steps: (string | Buffer)[]) =>
    sendRaw(toy.url, [Buffer.concat([one, one]), ...steps], { toEnd: true })
  const garbage = Buffer.concat([one, one, Buffer.from('GARBAGE\r\n\r\n')])
  expect((await sendRaw(toy.url, [garbage], { toEnd: true })).statuses).toEqual([201, 201, 400])
  expect((await after('GET /livez HTTP/1.1\r\nhost: t')).statuses).toEqual([201, 201, 408])
  const cut = request('POST', '/api/v1/toys', { 'content-length': undefined, 'transfer-encoding': 'chunked' })
  expect(
    (await sendRaw(toy.url, [Buffer.concat([one, cut, Buffer.from('zz\r\n')])], { toEnd: true })).statuses,
  ).toEqual([201, 400])
})

test('a request names one host', async () => {
  expectProblem(await sendRaw(toy.url, ['GET /livez HTTP/1.1\r\n\r\n']), 400, 'request_malformed')
  expectProblem(await sendRaw(toy.url, ['GET /livez HTTP/1.1\r\nhost: a\r\nHost: b\r\n\r\n']), 400, 'request_malformed')
  expect((await sendRaw(toy.url, ['GET /livez HTTP/1.0\r\n\r\n'])).status).toBe(200)
})

test('what other kinds of servers offer is answered, too', async () => {
  expectProblem(await sendRaw(toy.url, ['CONNECT other:443 HTTP/1.1\r\nhost: toy\r\n\r\n']), 400, 'request_malformed')
  expect((await post(good, { expect: 'miracles' })).status).toBe(201)
  expect((await post(good, { connection: 'upgrade', upgrade: 'websocket' })).status).toBe(201)
})

test('a client that dawdles is told so, and costs nobody else anything', async () => {
  const slow = Array.from({ length: 20 }, () =>
    sendRaw(toy.url, ['GET /livez HTTP/1.1\r\nhost: t'], { patienceMs: 5_000 }),
  )
  expect((await post(good)).status).toBe(201)
  for (const answer of await Promise.all(slow)) expectProblem(answer, 408, 'request_timeout')
})

test('clients that hang up at any moment leave the service as it was', async () => {
  const whole = request('POST', '/api/v1/toys', {}, good)
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      sendRaw(toy.url, [whole.subarray(0, Math.floor((whole.length * i) / 59))], { hangUp: true }),
    ),
  )
})

test('a raw route gets the bytes whatever they are called, and no more than it allows', async () => {
  const raw = (body: Buffer, headers = {}) => sendRaw(toy.url, [request('POST', '/api/v1/raw', headers, body)])
  const bytes = Buffer.from([0xff, 0x00, 0xfe])
  expect((await raw(bytes, { 'content-type': 'image/png', 'content-encoding': 'gzip' })).body).toBe('{"bytes":3}')
  expect((await raw(bytes, { 'content-type': undefined })).body).toBe('{"bytes":3}')
  expect((await raw(Buffer.alloc(0), { 'content-type': undefined })).body).toBe('{"bytes":0}')
  expect((await raw(Buffer.alloc(1_024))).body).toBe('{"bytes":1024}')
  expectProblem(await raw(Buffer.alloc(1_025)), 413, 'payload_too_large')
})

test('a route reads what it says it reads, as large as it says', async () => {
  const box = (body: string | Buffer, type = 'text/csv', headers = {}) =>
    sendRaw(toy.url, [request('POST', '/api/v1/toy-boxes', { 'content-type': type, ...headers }, body)])
  for (const type of ['text/csv', 'Text/CSV; charset=UTF-8', 'text/csv;charset="utf-8"']) {
    expect((await box('bear\nboat\n', type)).body, type).toBe('{"toys":2}')
  }
  expect((await box('{"notes":["bear"]}', 'application/json')).body).toBe('{"toys":1}')
  for (const type of ['text/csv; charset=latin1', 'text/csvx', 'text/comma', 'text/plain']) {
    expectProblem(await box('bear', type), 415, 'content_type_unsupported')
  }
  expectProblem(
    await box(gzipSync('bear'), 'text/csv', { 'content-encoding': 'gzip' }),
    415,
    'content_type_unsupported',
  )
  expectProblem(await box(Buffer.from([0xff])), 400, 'request_malformed')
  expectProblem(await box('#'), 422, 'payload_invalid')
  expectProblem(await box(''), 422, 'payload_invalid')
  expect((await box('x'.repeat(128 * 1024))).status).toBe(200)
  expectProblem(await box('x'.repeat(128 * 1024 + 1)), 413, 'payload_too_large')
  expectProblem(await box(`{"notes":["${'x'.repeat(128 * 1024)}"]}`, 'application/json'), 413, 'payload_too_large')
  // What one route reads, the others do not.
  expectProblem(await post('bear', { 'content-type': 'text/csv' }), 415, 'content_type_unsupported')
})

test('a route that takes no body refuses one', async () => {
  const path = `/api/v1/toys/${id}/approve`
  const person = `Bearer ${await tokenFor(['users:write'], { kind: 'person' })}`
  const answer = await sendRaw(toy.url, [request('POST', path, { authorization: person }, '{"a":1}')])
  expectProblem(answer, 422, 'payload_invalid')
  expect((await sendRaw(toy.url, [request('POST', path, { authorization: person })])).status).toBe(204)
})

test('an error of ours tells nothing about us', async () => {
  for (const path of ['/api/v1/broken', '/api/v1/undeclared']) {
    const answer = await sendRaw(toy.url, [request('GET', path)])
    expectProblem(answer, 500, 'internal_error')
    expect(answer.body).not.toMatch(/hunter2|undeclared|at .*\.ts/)
    expect(answer.headers).toMatch(/x-request-id: [0-9a-f-]{36}/)
  }
})

test('an answer carries only what its shape names', async () => {
  const answer = await post('{"amount":9007199254740991,"data":{"note":"é"}}')
  expect([answer.status, answer.body]).toEqual([201, '{"amount":9007199254740991,"data":{"note":"é"}}'])
})
