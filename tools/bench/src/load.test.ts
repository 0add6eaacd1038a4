import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { quantile, readAnswer, runLoad } from './load.ts'

test('an answer is read once it is whole, and two answers to one request are an error', () => {
  const whole = Buffer.from('HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok')
  for (let length = 0; length < whole.length; length++) expect(readAnswer(whole.subarray(0, length))).toBe(null)
  expect(readAnswer(whole)?.status).toBe(202)
  expect(readAnswer(whole)?.body()).toBe('ok')
  expect(() => readAnswer(Buffer.concat([whole, whole]))).toThrow('more than one answer')
  expect(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('Content-Length')
})

test('quantiles of known numbers', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
  expect(quantile(numbers, 0.5)).toBe(51)
  expect(quantile(numbers, 0.99)).toBe(100)
  expect(quantile([], 0.5)).toBeNaN()
})

test('every request is sent once, refusals are counted, and each connection has one request under way', async () => {
  const bodies: string[] = []
  let underWay = 0
  let underWayMax = 0
  const server = createServer((request, response) => {
    underWayMax = Math.max(underWayMax, ++underWay)
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      underWay--
      const refused = body === '7'
      response.writeHead(refused ? 422 : 202, { 'content-length': '2' }).end(refused ? 'no' : 'ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const requests = Array.from({ length: 20 }, (_, index) =>
      Buffer.from(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(index).length}\r\n\r\n${index}`),
    )
    const result = await runLoad({ host: '127.0.0.1', port, connections: 3, next: () => requests.shift() })
    expect(result.answers).toBe(20)
    expect(result.statuses).toEqual(new Map([[202, 19], [422, 1]])) // biome-ignore format: one line says it
    expect(result.firstRefusal).toBe('no')
    expect(bodies.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(underWayMax).toBeLessThanOrEqual(3)
    expect(result.p50Ms).toBeGreaterThan(0)
  } finally {
    server.close()
  }
})

test('a server that hangs up fails the run instead of shortening it', async () => {
  const server = createServer((request) => request.socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    const request = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect(runLoad({ host: '127.0.0.1', port, connections: 1, next: () => request })).rejects.toThrow()
  } finally {
    server.close()
  }
})
