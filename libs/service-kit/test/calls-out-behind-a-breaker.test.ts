import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openDatabase } from '@tributary/database'
import { newMetrics } from '@tributary/observability'
import { defer, testDatabase, until } from '@tributary/testing'
import { expect, test } from 'vitest'
import { newOutbound, OutboundError, type OutboundOptions } from '../src/index.ts'
import { newInTransaction } from '../src/transaction.ts'

/** Another side, and our way to it. */
async function other(listener: RequestListener, options: Partial<OutboundOptions> = {}) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const metrics = newMetrics('payouts')
  const outbound = newOutbound({ name: 'bank', metrics, timeoutMs: 300, retryAfterMs: 200, ...options })
  defer(() => outbound.stop())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const circuit = async () => /circuit_state\{name="bank"\} (\d)/.exec(await metrics.registry.metrics())?.[1]
  const fails = async (target = url) => {
    const error = await outbound.call({ url: target }).then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(OutboundError)
    const { kind, reached, status } = error as OutboundError
    return { kind, reached, status }
  }
  return { outbound, url, circuit, fails, server }
}

test('an answer comes back as it was given, refusals too', async () => {
  const { outbound, url } = await other((request, response) => {
    request.pipe(response.writeHead(422, { 'x-from': 'bank' }))
  })
  const answer = await outbound.call({ url, method: 'POST', headers: { 'idempotency-key': 'k' }, body: '{"a":1}' })
  expect([answer.status, answer.headers.get('x-from'), answer.body]).toEqual([422, 'bank', '{"a":1}'])
})

test.each<[string, RequestListener, object]>([
  [
    'a fault of theirs',
    (_, response) => response.writeHead(502).end(),
    { kind: 'server_error', reached: 'unknown', status: 502 },
  ],
  ['no answer in time', () => {}, { kind: 'timed_out', reached: 'unknown', status: null }],
  [
    'an answer that does not end',
    (_, response) => response.writeHead(200).write('x'),
    { kind: 'timed_out', reached: 'unknown', status: null },
  ],
  ['a connection that breaks', (request) => request.socket.destroy(), { kind: 'unreachable', reached: 'unknown' }],
  [
    'an answer without bounds',
    (_, response) => {
      const write = () => {
        while (response.write(Buffer.alloc(65_536)));
      }
      response.writeHead(200).on('drain', write)
      write()
    },
    { kind: 'too_large' },
  ],
])('what the other side may have done is never guessed: %s', async (_name, listener, expected) => {
  const { fails } = await other(listener)
  expect(await fails()).toMatchObject(expected)
})

test('what was never sent is known not to have happened', async () => {
  const { fails, server } = await other(() => {})
  await new Promise((resolve) => server.close(resolve))
  expect(await fails()).toMatchObject({ kind: 'unreachable', reached: 'no' })
  expect(await fails('http://no-such-host.invalid/')).toMatchObject({ kind: 'unreachable', reached: 'no' })
})

test('a redirect is an answer, not a way to somewhere else', async () => {
  const { outbound, url } = await other((_, response) =>
    response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  )
  expect((await outbound.call({ url })).status).toBe(302)
})

test('after failures the circuit opens, calls fail at once, and one that gets through closes it', async () => {
  let broken = true
  let calls = 0
  const { outbound, url, circuit, fails } = await other((_, response) => {
    calls++
    response.writeHead(broken ? 500 : 200).end()
  })
  expect(await circuit()).toBe('0')
  for (let i = 0; i < 6; i++) await fails()
  expect(await circuit()).toBe('2')
  const before = calls
  expect(await fails()).toEqual({ kind: 'circuit_open', reached: 'no', status: null })
  expect(calls).toBe(before)
  broken = false
  await until('half open', async () => (await circuit()) === '1')
  expect((await outbound.call({ url })).status).toBe(200)
  expect(await circuit()).toBe('0')
})

test('a refusal of theirs opens no circuit', async () => {
  const { outbound, url, circuit } = await other((_, response) => response.writeHead(404).end())
  for (let i = 0; i < 20; i++) await outbound.call({ url })
  expect(await circuit()).toBe('0')
})

test('a call inside a transaction is refused before anything is sent', async () => {
  let calls = 0
  const { outbound, url } = await other((_, response) => {
    calls++
    response.end()
  })
  const database = await testDatabase('payouts')
  const db = openDatabase({ url: database.url, applicationName: 'tests' })
  defer(() => db.destroy())
  const transaction = newInTransaction({ service: 'payouts', db, now: () => new Date(), newId: () => '', wake() {} })
  await expect(transaction(() => outbound.call({ url }))).rejects.toThrow(/inside a transaction/)
  expect(calls).toBe(0)
  await outbound.call({ url })
  expect(calls).toBe(1)
})
