import { connect, type Socket } from 'node:net'
import { until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { countRows, type Ingest, send, startIngest } from './sender.ts'

const SLOW = 500

/** Connections that send a byte now and then, half of them in their headers and half in their body. */
async function dribble(to: Ingest): Promise<{ open: () => number; stop: () => void }> {
  const { hostname, port } = new URL(to.url)
  const sockets = new Set<Socket>()
  const all = Array.from({ length: SLOW }, (_, index) => {
    const socket = connect({ host: hostname, port: Number(port) })
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.resume()
    const head = 'POST /api/v1/webhooks/events HTTP/1.1\r\nHost: x\r\n'
    socket.write(index % 2 === 0 ? `${head}x-slow: ` : `${head}content-length: 60000\r\n\r\n`)
    return new Promise((resolve) => socket.once('connect', resolve))
  })
  await Promise.all(all)
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x')
  }, 100)
  return {
    open: () => sockets.size,
    stop: () => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The 99th percentile of this many acknowledgements, eight at a time. */
async function p99Ms(ingest: Ingest, count = 400): Promise<number> {
  const times: number[] = []
  const worker = async () => {
    while (times.length < count) {
      const startedAt = performance.now()
      expect((await send(ingest)).status).toBe(202)
      times.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return times.toSorted((left, right) => left - right)[Math.floor(count * 0.99)]!
}

it(`${SLOW} senders that never finish keep nobody from an answer, and are cut off at the limit`, async () => {
  const ingest = await startIngest({}, { headersTimeoutMs: 4_000, requestTimeoutMs: 5_000 })
  await p99Ms(ingest)
  const alone = await p99Ms(ingest)
  const before = await countRows(ingest, 'webhook_events')
  const slow = await dribble(ingest)
  const beside = await p99Ms(ingest, 400)
  console.log(`p99: ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside ${slow.open()} slow senders`)
  await until('all to be cut off', () => slow.open() === 0, { timeoutMs: 15_000 })
  slow.stop()
  expect(await countRows(ingest, 'webhook_events')).toBeGreaterThanOrEqual(before + 400)
}, 60_000)
