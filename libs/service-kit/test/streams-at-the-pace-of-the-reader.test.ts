import { startTestService, until } from '@tributary/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { route, type Service } from '../src/index.ts'

const PIECE = 'x'.repeat(65_536)

/** Streams as much as is asked for; `made` counts what was, `ended` tells that nothing more will be. */
function streaming() {
  const seen = { made: 0, ended: false }
  async function* chunks(pieces: number): AsyncGenerator<string> {
    try {
      for (; seen.made < pieces; seen.made++) yield PIECE
      if (pieces === 3) throw new Error('cannot be made')
    } finally {
      seen.ended = true
    }
  }
  const service: Service = {
    name: 'payouts',
    routes: [
      route({
        method: 'GET',
        path: '/api/v1/pieces/{pieces}',
        summary: 'Stream',
        access: { public: 'a toy' },
        params: z.object({ pieces: z.coerce.number() }),
        answers: { 200: z.string() },
        streams: 'text/x-pieces',
        handle: ({ params }) => ({ status: 200, filename: 'pieces.txt', chunks: chunks(params.pieces) }),
      }),
    ],
    consumes: [],
    publishes: [],
    jobs: [],
  }
  return { seen, service }
}

test('an answer may be longer than memory: it is made as it is read, and no further when the reader goes away', async () => {
  const { seen, service } = streaming()
  const { url } = await startTestService('payouts', () => service)
  for (const encoding of ['identity', 'gzip']) {
    Object.assign(seen, { made: 0, ended: false })
    const stopping = new AbortController()
    const headers = { 'accept-encoding': encoding }
    const response = await fetch(`${url}/api/v1/pieces/1000000`, { headers, signal: stopping.signal })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/x-pieces'])
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="pieces.txt"')
    await response.body!.getReader().read()
    stopping.abort()
    await until('the stream to end', () => Promise.resolve(seen.ended))
    // Of 65 GB, what socket and compressor hold.
    expect(seen.made).toBeLessThan(20_000)
  }
})

test('it is compressed where that is wanted, and whole', async () => {
  const { seen, service } = streaming()
  const { url } = await startTestService('payouts', () => service)
  const packed = await fetch(`${url}/api/v1/pieces/40`, { headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect((await packed.text()).length).toBe(40 * PIECE.length)
  seen.made = 0
  const plain = await fetch(`${url}/api/v1/pieces/40`, { headers: { 'accept-encoding': 'identity' } })
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect((await plain.text()).length).toBe(40 * PIECE.length)
})

test('one that cannot be made to its end breaks off, so that nobody takes it for whole', async () => {
  for (const encoding of ['identity', 'gzip']) {
    const { service } = streaming()
    const { url } = await startTestService('payouts', () => service)
    const response = await fetch(`${url}/api/v1/pieces/3`, { headers: { 'accept-encoding': encoding } })
    await expect(response.text(), encoding).rejects.toThrow()
  }
})
