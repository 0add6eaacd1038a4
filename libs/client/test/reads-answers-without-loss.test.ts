import { expect, test } from 'vitest'
import { allItems, readJsonLines, readLines } from '../src/index.ts'
import { clientOf, json, scripted } from './server.ts'

const line = (debits: string) =>
  `{"asOf":"2026-01-01T00:00:00Z","balanced":true,"totals":[{"currency":"USD","debits":${debits},"credits":1}],"lines":[]}`

test('a sum beyond 2^53 - 1 keeps every digit, and smaller ones stay numbers', async () => {
  const { url } = await scripted(json(200, line('9007199254740993')), json(200, line('9007199254740991')))
  const client = clientOf(url)
  expect((await client.getTrialBalance()).totals).toMatchObject([{ debits: 9_007_199_254_740_993n, credits: 1 }])
  expect((await client.getTrialBalance()).totals).toMatchObject([{ debits: 9_007_199_254_740_991 }])
})

test('a bigint leaves as the number it is', async () => {
  const { url, received } = await scripted(json(202, {}))
  await clientOf(url).sendWebhook({ type: 'a.b', data: { externalUserId: 'ann', points: 12_345_678_901_234_567_890n } })
  expect(received[0]!.body).toContain('"points":12345678901234567890')
})

test('a list is walked to its end, each page when it is reached', async () => {
  const page = (ids: string[], nextCursor: string | null) => json(200, { items: ids.map((id) => ({ id })), nextCursor })
  const { url, received } = await scripted(page(['a', 'b'], 'next one'), page([], 'last'), page(['c'], null))
  const client = clientOf(url)
  const seen: string[] = []
  for await (const { id } of allItems((cursor) => client.listRewards({ status: 'held', limit: 2, cursor }))) {
    seen.push(id)
    expect(received.length).toBe(id === 'c' ? 3 : 1)
  }
  expect(seen).toEqual(['a', 'b', 'c'])
  expect(received.map(({ path }) => path)).toEqual([
    '/api/v1/rewards?status=held&limit=2',
    '/api/v1/rewards?status=held&limit=2&cursor=next+one',
    '/api/v1/rewards?status=held&limit=2&cursor=last',
  ])
})

test('a stream is read line by line as it comes, wherever it was cut', async () => {
  let finish = () => {}
  const { url } = await scripted((response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write('{"type":"header"}\n{"na')
    finish = () => response.end('me":"Zoë","sum":9007199254740993}\n')
  })
  const lines = readJsonLines(await clientOf(url).exportBooks())
  expect((await lines.next()).value).toEqual({ type: 'header' })
  finish()
  expect((await lines.next()).value).toEqual({ name: 'Zoë', sum: 9_007_199_254_740_993n })
  expect((await lines.next()).done).toBe(true)
})

test('a stream that breaks off is an error, not a shorter stream', async () => {
  const { url } = await scripted((response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write('{}\n', () => response.socket?.destroy())
  })
  const lines = readLines(await clientOf(url).exportBooks())
  expect((await lines.next()).value).toBe('{}')
  await expect(lines.next()).rejects.toThrow()
})

test('what is also to be had as CSV is asked for as CSV', async () => {
  const { url, received } = await scripted((response) => response.end('at,amount\r\nnow,1\r\n'))
  const lines: string[] = []
  for await (const line of readLines(await clientOf(url).csv.listEntries('u', { currency: 'USD' }))) lines.push(line)
  expect(lines).toEqual(['at,amount', 'now,1'])
  expect(received[0]).toMatchObject({ path: '/api/v1/users/u/entries?currency=USD', headers: { accept: 'text/csv' } })
})

test('CSV is handed in as CSV, and lines as JSON', async () => {
  const { url, received } = await scripted(json(200, {}))
  const client = clientOf(url)
  await client.importPeople('externalId,email\na,a@example.com\n', { dryRun: 'true' })
  await client.importPeople({ kind: 'users', lines: [{ externalId: 'a', email: 'a@example.com' }] })
  expect(received).toMatchObject([
    { path: '/api/v1/imports?dryRun=true', headers: { 'content-type': 'text/csv' } },
    { path: '/api/v1/imports', headers: { 'content-type': 'application/json' } },
  ])
  expect(received[0]!.body).toBe('externalId,email\na,a@example.com\n')
})

test('a refusal tells all that problem+json does', async () => {
  const problem = {
    status: 422,
    code: 'payload_invalid',
    detail: 'Two things.',
    errors: [{ path: '/email', message: 'must be one' }],
  }
  const { url } = await scripted(json(422, problem, { 'x-request-id': 'req-1' }), json(403, '<html>'))
  const client = clientOf(url)
  await expect(client.getReward('r/../x')).rejects.toMatchObject({
    ...problem,
    requestId: 'req-1',
    message: '422 payload_invalid: Two things.: /email must be one',
  })
  await expect(client.getReward('r')).rejects.toMatchObject({ status: 403, code: 'unknown' })
})

test('an id is one part of a path, whatever is in it', async () => {
  const { url, received } = await scripted(json(200, {}))
  await clientOf(url).getReward('a/b?c#d')
  expect(received[0]!.path).toBe('/api/v1/rewards/a%2Fb%3Fc%23d')
})
