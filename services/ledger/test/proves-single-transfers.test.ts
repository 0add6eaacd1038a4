import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Scope } from '@tributary/contracts'
import { openDatabase } from '@tributary/database'
import { startTestService, type TestService, tokenFor } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, test } from 'vitest'
import { configShape, ledger } from '../src/app.ts'
import { readPublicKeys } from '../src/proof/keys.ts'
import { newSigningKey } from './keys.ts'
import { postTo, request } from './rig.ts'
import { failuresOf, verified } from './sealed.ts'

type Body = Record<string, unknown> & { code?: string; items: Record<string, unknown>[]; nextCursor: string | null }

let service: TestService
const userId = v7()
const earn = request('earn', { userId, amount: 1_000n })

beforeAll(async () => {
  service = await startTestService('ledger', ledger, {
    own: configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey() }),
  })
  const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
  await postTo(db, earn)
  for (let index = 0; index < 5; index++) await postTo(db, request('earn'), request('earn'))
  await postTo(db, { ...earn, kind: 'release', causeId: v7(), amount: 600n })
  await db.destroy()
})

async function ask(method: string, path: string, scopes: readonly Scope[] = ['ledger:read'], body?: string) {
  const authorization = `Bearer ${await tokenFor(scopes)}`
  const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const response = await service.fetch(path, { method, headers, ...(body === undefined ? {} : { body }) })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body }
}
const get = (path: string, scopes?: readonly Scope[]) => ask('GET', path, scopes)
const sign = () => ask('POST', '/api/v1/checkpoints', ['ledger:verify'])

async function transferIds(): Promise<string[]> {
  const rows = await service.database.db('transfers').orderBy('number').select('id')
  return rows.map(({ id }: { id: string }) => id)
}

describe('GET /api/v1/proofs/{transferId}', () => {
  test('proves every transfer to somebody who has but the answer and the public key', async () => {
    await sign()
    const [key] = (await get('/api/v1/checkpoint-keys')).body.items
    const ids = await transferIds()
    expect(ids).toHaveLength(12)
    for (const id of ids) {
      const { status, body } = await get(`/api/v1/proofs/${id}`)
      expect(status).toBe(200)
      expect(isProved(body as unknown as Proof, String(key!.publicKey)), id).toBe(true)
      const leaf = (body as unknown as Proof).leaf
      expect(leaf.id).toBe(id)
      const raised = { ...(body as unknown as Proof), leaf: { ...leaf, amount: leaf.amount + 1 } }
      expect(isProved(raised, String(key!.publicKey))).toBe(false)
    }
  })

  test('tells nothing of other transfers but hashes', async () => {
    await sign()
    const [first, ...others] = await transferIds()
    const text = JSON.stringify((await get(`/api/v1/proofs/${first}`)).body)
    for (const id of others) expect(text).not.toContain(id)
  })

  test('says when a transfer is not sealed yet, and when to ask again; and that there is none', async () => {
    const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
    await postTo(db, request('earn'))
    await db.destroy()
    const last = (await transferIds()).at(-1)
    const { status, headers, body } = await get(`/api/v1/proofs/${last}`)
    expect([status, body.code, headers.get('retry-after')]).toEqual([409, 'transfer_not_sealed', '60'])
    await sign()
    expect((await get(`/api/v1/proofs/${last!.toUpperCase()}`)).status).toBe(200)
    expect((await get(`/api/v1/proofs/${v7()}`)).body.code).toBe('not_found')
    expect((await get('/api/v1/proofs/one')).body.code).toBe('payload_invalid')
    expect((await get(`/api/v1/proofs/${last}`, ['rewards:read'])).status).toBe(403)
  })
})

describe('checkpoints', () => {
  test('are listed newest first, page by page, each with the text that was signed', async () => {
    const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
    for (let round = 0; round < 2; round++) {
      await postTo(db, request('earn'))
      await sign()
    }
    await db.destroy()
    const latest = (await get('/api/v1/checkpoints/latest')).body
    const seen: Record<string, unknown>[] = []
    let cursor = ''
    do {
      const { body } = await get(`/api/v1/checkpoints?limit=1${cursor}`)
      seen.push(...body.items)
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor !== '')
    expect(seen[0]).toEqual(latest)
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => seen.length - index))
    for (const [index, { previous, text, hash }] of seen.entries()) {
      expect(previous).toBe(seen[index + 1]?.hash ?? '00'.repeat(32))
      expect(sha256(Buffer.from(String(text))).toString('hex')).toBe(hash)
    }
    expect((await get('/api/v1/checkpoints?cursor=WyJhIiwiYiJd')).body.code).toBe('payload_invalid')
    expect((await ask('POST', '/api/v1/checkpoints', ['ledger:read'])).status).toBe(403)
  })
})

describe('GET /api/v1/export', () => {
  const take = async (headers: Record<string, string>, scopes: readonly Scope[] = ['ledger:export']) =>
    service.fetch('/api/v1/export', { headers: { authorization: `Bearer ${await tokenFor(scopes)}`, ...headers } })

  test('streams all books, compressed where that is wanted, and they verify with the published keys', async () => {
    const { items } = (await get('/api/v1/checkpoint-keys')).body
    const keys = readPublicKeys(items.map(({ publicKey }) => String(publicKey)).join('\n'))!
    const plain = await take({ 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-type')).toBe('application/x-ndjson')
    expect(plain.headers.get('content-encoding')).toBeNull()
    const lines = (await plain.text()).trimEnd().split('\n')
    expect(failuresOf(await verified(lines, keys))).toEqual([])
    // fetch unpacks by itself, so that only the header tells.
    const packed = await take({ 'accept-encoding': 'gzip' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect((await packed.text()).trimEnd().split('\n')).toHaveLength(lines.length)
  })

  test('needs its own scope', async () => {
    expect((await take({}, ['ledger:read'])).status).toBe(403)
  })
})

/*
 * From here on: a verifier as a stranger would write it from docs/proofs.md. It shares nothing with the ledger's code.
 */
type Proof = Readonly<{
  leaf: Readonly<Record<'id' | 'causeId' | 'kind' | 'currency' | 'effectiveAt' | 'postedAt', string>> &
    Readonly<Record<'number' | 'debitAccount' | 'creditAccount' | 'amount' | 'batch', number>> &
    Readonly<{ rewardId: string | null; cashoutId: string | null }>
  leafIndex: number
  treeSize: number
  path: string[]
  checkpoint: Readonly<{ text: string; signature: string }>
}>

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function isProved({ leaf, leafIndex, treeSize, path, checkpoint }: Proof, publicKey: string): boolean {
  const view = (bytes: number, write: (data: DataView) => void) => {
    const data = new DataView(new ArrayBuffer(bytes))
    write(data)
    return new Uint8Array(data.buffer)
  }
  const i8 = (value: bigint) => view(8, (data) => data.setBigInt64(0, value))
  const txt = (value: string) => {
    const utf8 = new TextEncoder().encode(value)
    return Buffer.concat([view(4, (data) => data.setInt32(0, utf8.length)), utf8])
  }
  const uid = (value: string) => Buffer.from(value.split('-').join(''), 'hex')
  const time = (value: string) => {
    const [, seconds, micros] = /^(.*)\.(\d{6})Z$/.exec(value)!
    return i8(
      (BigInt(Date.parse(`${seconds}Z`)) - BigInt(Date.parse('2000-01-01T00:00:00Z'))) * 1000n + BigInt(micros!),
    )
  }
  const bytes = Buffer.concat([
    ...[i8(BigInt(leaf.number)), uid(leaf.id), uid(leaf.causeId), txt(leaf.kind), i8(BigInt(leaf.debitAccount))],
    ...[i8(BigInt(leaf.creditAccount)), i8(BigInt(leaf.amount)), txt(leaf.currency)],
    leaf.rewardId === null ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), uid(leaf.rewardId)]),
    time(leaf.effectiveAt),
    leaf.cashoutId === null ? Buffer.alloc(0) : Buffer.concat([Buffer.from([2]), uid(leaf.cashoutId)]),
    ...[time(leaf.postedAt), i8(BigInt(leaf.batch))],
  ])
  // The recursive definition of RFC 6962, upside down.
  const climb = (hash: Uint8Array, index: number, size: number, rest: string[]): Uint8Array => {
    if (size === 1) return hash
    const half = 2 ** Math.ceil(Math.log2(size) - 1)
    const side = Buffer.from(rest.at(-1) ?? '', 'hex')
    return index < half
      ? sha256(Buffer.from([1]), climb(hash, index, half, rest.slice(0, -1)), side)
      : sha256(Buffer.from([1]), side, climb(hash, index - half, size - half, rest.slice(0, -1)))
  }
  const root = Buffer.from(climb(sha256(Buffer.from([0]), bytes), leafIndex, treeSize, path)).toString('hex')
  const claims = Object.fromEntries(checkpoint.text.split('\n').map((line) => line.split(': ') as [string, string]))
  return (
    claims['tree-root'] === root &&
    claims.transfers === String(treeSize) &&
    verify(null, Buffer.from(checkpoint.text), createPublicKey(publicKey), Buffer.from(checkpoint.signature, 'hex'))
  )
}
