import { type Scope, transferPosted } from '@tributary/contracts'
import { openDatabase, query } from '@tributary/database'
import { exchanges } from '@tributary/messaging'
import { settled, spy, startTestService, type TestBroker, type TestService, tokenFor, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, test } from 'vitest'
import { ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'
import { definitions, postTo, type Request, request, toEnvelope } from './rig.ts'

type Body = Record<string, unknown> & { code?: string; items: Record<string, unknown>[]; nextCursor: string | null }

let service: TestService
const userId = v7()
const earn = request('earn', { userId, amount: 1_000n, time: '2026-01-01T00:00:00.000Z' })
const release = { ...earn, kind: 'release', causeId: v7(), amount: 600n, time: '2026-01-15T00:00:00.000Z' } as const
const theft = request('release', { rewardId: earn.rewardId })

beforeAll(async () => {
  service = await startTestService('ledger', ledger, {
    own: {
      LEDGER_SIGNING_KEY: newSigningKey(),
      LEDGER_ADJUSTMENT_APPROVAL_ABOVE: 10_000,
      LEDGER_CLEARING_MAX_AGE_DAYS: 7,
    },
  })
  const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
  await postTo(db, earn, request('earn', { userId, amount: 5n, currency: 'EUR' }))
  await postTo(db, release, theft)
  for (let index = 0; index < 9; index++) await postTo(db, request('earn', { userId, amount: BigInt(index + 1) }))
  await db.destroy()
})

async function get(path: string, scopes: readonly Scope[] = ['ledger:read']): Promise<{ status: number; body: Body }> {
  const response = await service.fetch(path, { headers: { authorization: `Bearer ${await tokenFor(scopes)}` } })
  return { status: response.status, body: (await response.json()) as Body }
}

describe('GET /api/v1/users/{id}/balance', () => {
  const path = `/api/v1/users/${userId}/balance`
  const zeros = { pending: 0, available: 0, held: 0, inPayout: 0, owed: 0, totalEarned: 0 }

  test('answers every balance in every currency, as integers', async () => {
    const { status, body } = await get(path)
    expect([status, body]).toEqual([
      200,
      {
        userId,
        balances: [
          { ...zeros, currency: 'EUR', pending: 5, totalEarned: 5 },
          { ...zeros, currency: 'USD', pending: 445, available: 600, totalEarned: 1_045 },
        ],
      },
    ])
    expect((await get(`${path}?currency=EUR`)).body.balances).toHaveLength(1)
  })

  test('answers as of an instant, by when it was recorded or by when it happened', async () => {
    const then = '2026-01-10T00:00:00Z'
    const recorded = await get(`${path}?currency=USD&asOf=${then}`)
    expect(recorded.body.balances).toEqual([{ ...zeros, currency: 'USD' }])
    const effective = await get(`${path}?currency=USD&asOf=${then}&basis=effective`)
    expect(effective.body.balances).toEqual([{ ...zeros, currency: 'USD', pending: 1_000, totalEarned: 1_000 }])
    const now = await get(`${path}?currency=USD&basis=effective`)
    expect(now.body).toEqual((await get(`${path}?currency=USD`)).body)
  })

  test('an unknown user has no balances, which is no error', async () => {
    const unknown = v7()
    expect(await get(`/api/v1/users/${unknown}/balance`)).toEqual({
      status: 200,
      body: { userId: unknown, balances: [] },
    })
  })

  test('refuses the future, and what is no instant, currency, id or basis', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    expect((await get(`${path}?asOf=${tomorrow}`)).body.code).toBe('as_of_in_the_future')
    expect((await get(`${path}?asOf=${tomorrow}&basis=effective`)).status).toBe(422)
    for (const wrong of [
      'asOf=yesterday',
      'asOf=2026-02-30T00:00:00Z',
      'asOf=0000-01-01T00:00:00Z',
      'currency=usd',
      'currency=XXX',
      'basis=felt',
      'as_of=2026-01-01',
    ]) {
      expect((await get(`${path}?${wrong}`)).body.code, wrong).toBe('payload_invalid')
    }
    expect((await get('/api/v1/users/ann/balance')).body.code).toBe('payload_invalid')
  })
})

describe('GET /api/v1/users/{id}/entries', () => {
  const path = `/api/v1/users/${userId}/entries`

  test('is a statement: newest first, page by page, each entry once, each balance following the one before', async () => {
    const seen: Record<string, unknown>[] = []
    let cursor = ''
    do {
      const { body } = await get(`${path}?limit=3${cursor}`)
      seen.push(...body.items)
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
    } while (cursor !== '')
    // Ten earnings in USD and one in EUR on pending, and the two sides of the release.
    expect(seen).toHaveLength(13)
    expect(new Set(seen.map(({ account, currency, version }) => [account, currency, version].join())).size).toBe(13)
    const times = seen.map((entry) => String(entry.postedAt))
    expect(times).toEqual(times.toSorted().toReversed())
    const pending = seen.filter((entry) => entry.account === 'pending' && entry.currency === 'USD').toReversed()
    let balance = 0
    for (const entry of pending) {
      balance += Number(entry.amount) * (entry.side === 'credit' ? 1 : -1)
      expect(entry.balanceAfter).toBe(balance)
    }
    expect(balance).toBe(445)
  })

  test('can be narrowed to one account, and its cursors only serve the query they were made by', async () => {
    const one = await get(`${path}?account=available`)
    expect(one.body.items).toMatchObject([
      {
        account: 'available',
        side: 'credit',
        amount: 600,
        balanceAfter: 600,
        kind: 'release',
        causeId: release.causeId,
      },
    ])
    const { body } = await get(`${path}?limit=2`)
    const other = await get(`${path}?limit=2&account=pending&cursor=${body.nextCursor}`)
    expect(other.body.code).toBe('payload_invalid')
    for (const place of [
      ['2026-01-01T00:00:00Z', 'x', '1', '1'],
      ['x', '2026-01-01T00:00:00Z', '1', '1'],
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'x', '1'],
      ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '1', '99999999999999999999'],
      ['2026-01-01T00:00:00Z', '1', '1'],
    ]) {
      const [mark] = JSON.parse(Buffer.from(body.nextCursor!, 'base64url').toString()) as string[]
      const forged = Buffer.from(JSON.stringify([mark, ...place])).toString('base64url')
      expect((await get(`${path}?limit=2&cursor=${forged}`)).body.code, String(place)).toBe('payload_invalid')
    }
  })
})

describe('GET /api/v1/transfers', () => {
  test('says what a cause led to, and shows each transfer by its id', async () => {
    const { body } = await get(`/api/v1/transfers?causeId=${release.causeId}`)
    const { causeId, rewardId } = release
    const asked = { kind: 'release', subjectId: rewardId, userId, amount: 600, currency: 'USD', detail: null }
    expect(body).toMatchObject({ nextCursor: null, cause: { outcome: 'posted', reason: null, ...asked } })
    const [transfer] = body.items
    expect(transfer).toMatchObject({
      kind: 'release',
      debitAccount: 'user:pending',
      creditAccount: 'user:available',
      userId,
      amount: 600,
      currency: 'USD',
      causeId,
      rewardId,
      cashoutId: null,
      effectiveAt: '2026-01-15T00:00:00.000000Z',
    })
    expect((await get(`/api/v1/transfers/${String(transfer!.id)}`)).body).toEqual(transfer)
  })

  test('says which cashout it was and who paid it', async () => {
    const cashout = { userId, rewardId: v7(), amount: 30n, provider: 'stripe' }
    const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
    const [reserve, settle] = [request('reserve', cashout), request('settle', cashout)]
    await postTo(db, reserve)
    await postTo(db, settle, request('bounce', cashout))
    await db.destroy()
    const reserved = await get(`/api/v1/transfers?causeId=${reserve.causeId}`)
    expect(reserved.body).toMatchObject({
      cause: { kind: 'reserve', subjectId: cashout.rewardId, amount: 30, detail: 'stripe' },
      items: [{ cashoutId: cashout.rewardId, rewardId: null, provider: null }],
    })
    const settled = await get(`/api/v1/transfers?causeId=${settle.causeId}`)
    expect(settled.body.items).toMatchObject([{ cashoutId: cashout.rewardId, userId, provider: 'stripe' }])
  })

  test('says why a cause led to nothing, or that it was never heard of', async () => {
    const refused = await get(`/api/v1/transfers?causeId=${theft.causeId}`)
    expect(refused.body).toMatchObject({ items: [], cause: { outcome: 'refused', reason: 'reward_of_another_user' } })
    expect((await get(`/api/v1/transfers?causeId=${v7()}`)).body).toMatchObject({ items: [], cause: null })
    expect((await get(`/api/v1/transfers/${v7()}`)).body.code).toBe('not_found')
    expect((await get('/api/v1/transfers')).body.code).toBe('payload_invalid')
  })
})

describe('GET /api/v1/trial-balance', () => {
  test('balances in each currency, now and as of any instant', async () => {
    const { body } = await get('/api/v1/trial-balance')
    expect(body).toMatchObject({ balanced: true, asOf: null })
    expect(body.lines).toContainEqual({
      account: 'program:expense',
      currency: 'USD',
      debits: 1_045,
      credits: 0,
      balance: 1_045,
    })
    expect(body.lines).toContainEqual({
      account: 'user:pending',
      currency: 'USD',
      debits: 600,
      credits: 1_045,
      balance: 445,
    })
    const asOf = new Date().toISOString()
    expect((await get(`/api/v1/trial-balance?asOf=${asOf}`)).body).toEqual({
      ...body,
      asOf: asOf.replace('Z', '000Z'),
    })
    const before = await get('/api/v1/trial-balance?asOf=2020-01-01T00:00:00Z')
    expect(before.body).toMatchObject({ balanced: true, lines: [] })
  })
})

describe('verifications', () => {
  test('are run on demand, kept, and shown in the metrics', async () => {
    // The first of each day is done by itself, as soon as the service is there.
    await until('the first one', async () => (await get('/api/v1/verifications/latest')).status === 200)
    const authorization = `Bearer ${await tokenFor(['ledger:verify'])}`
    const json = { authorization, 'content-type': 'application/json' }
    const response = await service.fetch('/api/v1/verifications', { method: 'POST', headers: json, body: '{}' })
    const made = (await response.json()) as Body
    const checks = made.checks as { status: string }[]
    expect(checks.filter(({ status }) => status !== 'passed')).toEqual([])
    expect([response.status, made.ok, made.status]).toEqual([201, true, 'passed'])
    expect(made).toMatchObject({ coverage: { transfers: 15, entries: 30 }, driftAccounts: 0 })
    expect(made.imbalance).toEqual([
      { currency: 'EUR', amount: 0 },
      { currency: 'USD', amount: 0 },
    ])
    const { since, ...latest } = (await get('/api/v1/verifications/latest')).body
    expect(latest).toEqual(made)
    expect(since).toMatchObject({ status: 'passed', failures: [] })
    const bare = await service.fetch('/api/v1/verifications', { method: 'POST', headers: { authorization } })
    expect(bare.status).toBe(201)
    const metrics = await (await fetch(service.metricsUrl)).text()
    expect(metrics).toContain('tributary_ledger_imbalance_minor_units{currency="USD"} 0')
    expect(metrics).toMatch(/tributary_ledger_last_verified_timestamp_seconds \d{10}/)
    expect(metrics).toContain('tributary_ledger_transfers_total{kind="net"} 0')
    expect(metrics).toContain('tributary_partitions_ahead{table="ledger_entries"} 3')
  })

  test('come with balances computed anew, which do not differ', async () => {
    const authorization = `Bearer ${await tokenFor(['ledger:verify'])}`
    const response = await service.fetch('/api/v1/rebuilds', { method: 'POST', headers: { authorization } })
    const found = (await response.json()) as Body
    expect([response.status, found.ok, found.differing, found.differences]).toEqual([200, true, 0, []])
    expect(found.computed).toMatchObject({ rewardPositions: expect.toSatisfy((count: number) => count >= 11) })
    await query(
      service.database.db,
      'update reward_positions set released = released + 1, granted = granted + 1 where reward_id = ?',
      [earn.rewardId],
    )
    const drifted = (await (
      await service.fetch('/api/v1/rebuilds', { method: 'POST', headers: { authorization } })
    ).json()) as Body
    expect(drifted).toMatchObject({
      ok: false,
      differing: 1,
      differences: [
        { projection: 'reward_positions', id: earn.rewardId, was: { released: 601 }, computed: { released: 600 } },
      ],
    })
    await query(
      service.database.db,
      'update reward_positions set released = released - 1, granted = granted - 1 where reward_id = ?',
      [earn.rewardId],
    )
  })

  test('need their own scope', async () => {
    const authorization = `Bearer ${await tokenFor(['ledger:read'])}`
    const response = await service.fetch('/api/v1/verifications', { method: 'POST', headers: { authorization } })
    expect(response.status).toBe(403)
    const rebuild = await service.fetch('/api/v1/rebuilds', { method: 'POST', headers: { authorization } })
    expect(rebuild.status).toBe(403)
    expect((await get('/api/v1/trial-balance', ['rewards:read'])).status).toBe(403)
    expect((await service.fetch('/api/v1/trial-balance')).status).toBe(401)
  })
})

test('an event from the broker becomes a transfer, and the transfer an event', async () => {
  const heard = await spy(service.broker, 'transfer.#')
  const causeId = v7()
  await publish(service.broker, { ...release, causeId, amount: 100n })
  const { type, data } = await heard.heard(transferPosted, { causeId })
  expect([type, data.amount, data.userId]).toEqual(['transfer.posted.release', 100n, userId])
  await settled({ broker: service.broker, databases: { ledger: service.database } })
  expect((await get(`/api/v1/transfers?causeId=${causeId}`)).body.items).toMatchObject([{ id: data.transferId }])
})

async function publish(broker: TestBroker, said: Request): Promise<void> {
  const event = toEnvelope(said)
  const content = JSON.stringify(definitions[said.kind].data.encode(event.data as never))
  const headers = {
    cloudEvents_type: event.type,
    cloudEvents_source: '/tributary/rewards',
    cloudEvents_time: event.time,
    cloudEvents_subject: event.subject,
    correlationid: event.correlationId,
    causationid: event.causationId,
  }
  const channel = await broker.channel()
  channel.publish(exchanges.events, event.type, Buffer.from(content), {
    messageId: event.messageId,
    type: event.type,
    headers,
  })
  await channel.waitForConfirms()
  await channel.close()
}

test('what a cause led to comes as many at a time as asked for, in the order of posting', async () => {
  const db = openDatabase({ url: service.database.url, applicationName: 'test', poolMax: 1 })
  const held = request('earn', { amount: 7n })
  const late = { ...held, kind: 'release', causeId: v7() } as const
  await postTo(db, held, { ...held, kind: 'hold', causeId: v7(), sequence: 1 }, late)
  await db.destroy()
  const whole = (await get(`/api/v1/transfers?causeId=${late.causeId}`)).body
  expect(whole.items.map(({ kind }) => kind)).toEqual(['resume', 'release', 'hold'])
  const pages: Body[] = []
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)!.nextCursor) {
    const next = cursor === '' ? '' : `&cursor=${cursor}`
    pages.push((await get(`/api/v1/transfers?causeId=${late.causeId}&limit=2${next}`)).body)
  }
  expect(pages.map(({ items }) => items)).toEqual([whole.items.slice(0, 2), whole.items.slice(2)])
})
