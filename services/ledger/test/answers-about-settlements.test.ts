import type { Scope } from '@tributary/contracts'
import { query } from '@tributary/database'
import { startTestService, type TestService, type TokenOptions, testClock, tokenFor, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, test } from 'vitest'
import { configShape, ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'
import { newCashout, payCashout, tell } from './settling.ts'

type Body = Record<string, unknown> & {
  id: string
  code?: string
  errors?: { path: string; message: string }[]
  items: Record<string, unknown>[]
  lines: Record<string, unknown>[]
  nextCursor: string | null
}
type Sent = Readonly<{ status: number; body: Body }>

const clock = testClock()
let service: TestService
beforeAll(async () => {
  service = await startTestService('ledger', ledger, {
    clock,
    own: configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey() }),
  })
})

const path = '/api/v1/settlements'
const person: TokenOptions = { kind: 'person', id: 'eve' }

async function send(
  to: string,
  body: object | string,
  { key = v7(), who, type }: { key?: string; who?: TokenOptions; type?: string } = {},
): Promise<Sent> {
  const response = await service.fetch(to, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokenFor(['settlements:write'], who)}`,
      'idempotency-key': key,
      'content-type': type ?? (typeof body === 'string' ? 'text/csv' : 'application/json'),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

async function get(from: string, scopes: readonly Scope[] = ['settlements:read']): Promise<Sent> {
  const response = await service.fetch(from, { headers: { authorization: `Bearer ${await tokenFor(scopes)}` } })
  return { status: response.status, body: (await response.json()) as Body }
}

const line = (changes: object = {}) => ({
  lineId: v7(),
  type: 'payout',
  reference: 'nothing',
  amount: 100,
  currency: 'USD',
  settledAt: '2026-01-01T00:00:00Z',
  ...changes,
})
const file = (lines: readonly object[], provider = 'stripe') => ({ provider, lines })

/** All pages of a list. */
async function all(from: string): Promise<Record<string, unknown>[]> {
  const seen: Record<string, unknown>[] = []
  for (let cursor = ''; ; ) {
    const { body } = await get(`${from}${from.includes('?') ? '&' : '?'}limit=2${cursor}`)
    seen.push(...body.items)
    if (body.nextCursor === null) return seen
    cursor = `&cursor=${body.nextCursor}`
  }
}

describe('POST /api/v1/settlements', () => {
  test('answers each line, and counts them', async () => {
    const cashout = await payCashout(service.db, { reference: 'po_1' })
    const known = line({ reference: 'po_1' })
    const { status, body } = await send(path, file([known, known, { ...known, amount: 99 }, line()]))
    expect([status, body.provider, body.counts]).toEqual([
      200,
      'stripe',
      { matched: 2, unmatched: 1, dismissed: 0, conflict: 1 },
    ])
    expect(body.lines).toMatchObject([
      { lineId: known.lineId, status: 'matched', reason: null, cashoutId: cashout.cashoutId, repeated: false },
      { lineId: known.lineId, status: 'matched', cashoutId: cashout.cashoutId, repeated: true },
      { lineId: known.lineId, status: 'conflict', reason: 'other_content', cashoutId: null },
      { status: 'unmatched', reason: 'unknown_reference', cashoutId: null },
    ])
    const { body: shown } = await get(`${path}/${String(body.lines[0]!.id)}`)
    expect(shown).toMatchObject({
      ...known,
      settledAt: '2026-01-01T00:00:00.000000Z',
      status: 'matched',
      receivedBy: 'tests',
      closedBy: null,
    })
    const { body: transfers } = await get(`/api/v1/transfers?causeId=${shown.id}`, ['ledger:read'])
    expect(transfers.items).toMatchObject([{ kind: 'clear', provider: 'stripe', amount: 100 }])
  })

  test('reads CSV as it reads JSON, also for the same key', async () => {
    const cashout = await payCashout(service.db)
    const csv = [
      'provider,lineId,type,reference,amount,currency,fee,settledAt',
      `stripe,csv 1,payout,${cashout.cashoutId},100,USD,3,2026-01-01T00:00:00Z`,
      'stripe,csv 2,payout,"a, b",100,USD,,2026-01-01T00:00:00Z',
    ].join('\r\n')
    const { status, body } = await send(path, `\ufeff${csv}\r\n`, { key: 'csv' })
    expect([status, body.counts]).toMatchObject([200, { matched: 1, unmatched: 1 }])
    const same = file([
      line({ lineId: 'csv 1', reference: cashout.cashoutId, fee: 3 }),
      line({ lineId: 'csv 2', reference: 'a, b' }),
    ])
    expect((await send(path, same, { key: 'csv' })).body).toEqual(body)
    expect((await send(path, same)).body.lines).toEqual(body.lines.map((one) => ({ ...one, repeated: true })))
    const other = await send(path, csv.replace(',3,', ',4,'), { key: 'csv' })
    expect(other.body.code).toBe('idempotency_conflict')
  })

  test('names the line of a CSV that is wrong, and keeps nothing of it', async () => {
    const before = (await all(`${path}/unmatched`)).length
    const csv = `provider,lineId,type,reference,amount,currency,settledAt\nstripe,good,payout,x,1,USD,2026-01-01T00:00:00Z\nstripe,bad,payout,x,1.5,USD,2026-01-01T00:00:00Z\n`
    const { status, body } = await send(path, csv)
    expect([status, body.code, body.errors]).toMatchObject([422, 'payload_invalid', [{ path: '/csv/3/amount' }]])
    expect(body.errors![0]!.message).toMatch(/^line 3: /)
    expect(await all(`${path}/unmatched`)).toHaveLength(before)
  })

  test('takes a thousand lines at once, and the same again', async () => {
    const lines = Array.from({ length: 1_000 }, () => line({ type: 'fee', reference: `invoice ${v7()}`, amount: 1 }))
    const { status, body } = await send(path, file(lines))
    expect([status, body.counts]).toMatchObject([200, { matched: 1_000 }])
    const { body: again } = await send(path, file(lines.toReversed()))
    expect([again.counts, again.lines.every(({ repeated }) => repeated)]).toMatchObject([{ matched: 1_000 }, true])
  })

  const most = Number.MAX_SAFE_INTEGER
  test.each<[string, object, string]>([
    ['no lines', file([]), '/lines'],
    ['1,001 lines', file(Array.from({ length: 1_001 }, () => line())), '/lines'],
    ['no provider', { lines: [line()] }, '/provider'],
    ['a provider in capitals', file([line()], 'Stripe'), '/provider'],
    ['an amount of nothing', file([line({ amount: 0 })]), '/lines/0/amount'],
    ['a negative amount', file([line({ amount: -1 })]), '/lines/0/amount'],
    ['a fraction', file([line({ amount: 1.5 })]), '/lines/0/amount'],
    ['an amount as text', file([line({ amount: '1' })]), '/lines/0/amount'],
    ['one past exactness', file([line({ amount: 2 ** 53 })]), '/lines/0/amount'],
    ['a sum past exactness', file([line({ amount: most }), line({ amount: 1 })]), '/lines'],
    ['a sum past exactness by a fee', file([line({ amount: most, fee: 1 })]), '/lines'],
    ['a negative fee', file([line({ fee: -1 })]), '/lines/0/fee'],
    ['a fee on a fee', file([line({ type: 'fee', fee: 1 })]), '/lines/0/fee'],
    ['an unknown type', file([line({ type: 'chargeback' })]), '/lines/0/type'],
    ['an unknown currency', file([line({ currency: 'XXX' })]), '/lines/0/currency'],
    ['no time', file([line({ settledAt: 'yesterday' })]), '/lines/0/settledAt'],
    ['the day after tomorrow', file([line({ settledAt: '2999-01-01T00:00:00Z' })]), '/lines/0/settledAt'],
    ['the last century', file([line(), line({ settledAt: '1999-12-31T00:00:00Z' })]), '/lines/1/settledAt'],
    ['NUL', file([line({ reference: 'a\u0000b' })]), '/lines/0/reference'],
    ['a name of 201 characters', file([line({ lineId: 'x'.repeat(201) })]), '/lines/0/lineId'],
    ['a field that is not known', file([line({ memo: 'x' })]), '/lines/0/memo'],
  ])('refuses %s, and keeps nothing', async (_name, body, place) => {
    const { status, body: answer } = await send(path, body)
    expect([status, answer.code, answer.errors]).toMatchObject([422, 'payload_invalid', [{ path: place }]])
  })

  test('sums are by currency, and an amount may be as large as every boundary carries', async () => {
    const lines = [line({ amount: most }), line({ amount: most, currency: 'EUR' })]
    expect((await send(path, file(lines, 'bulk'))).body.counts).toMatchObject({ unmatched: 2 })
  })

  test('refuses what is no file of lines, and who may not', async () => {
    expect((await send(path, 'x', { type: 'text/plain' })).body.code).toBe('content_type_unsupported')
    expect((await send(path, `provider\n${'x'.repeat(1024 * 1024)}`)).body.code).toBe('payload_too_large')
    expect((await send(path, 'a,b\n1,2')).body.errors).toMatchObject([{ path: '/csv/1' }])
    expect((await send(path, file([line()]), { key: '' })).body.code).toBe('idempotency_key_missing')
    expect((await get(`${path}/unmatched`, ['ledger:read'])).body.code).toBe('scope_required')
  })
})

describe('GET /api/v1/settlements/unmatched and outstanding', () => {
  test('list what waits with its reason and age, oldest first, each once', async () => {
    const lines = Array.from({ length: 5 }, () => line())
    const { body } = await send(path, file(lines, 'queues'))
    clock.forward({ days: 3 })
    const items = await all(`${path}/unmatched?provider=queues`)
    expect(items.map(({ id }) => id)).toEqual(body.lines.map(({ id }) => id))
    expect(items[0]).toMatchObject({
      ...lines[0],
      settledAt: '2026-01-01T00:00:00.000Z',
      provider: 'queues',
      fee: 0,
      reason: 'unknown_reference',
      ageDays: 3,
    })
    expect(await all(`${path}/unmatched?provider=queues&reason=amount_differs`)).toEqual([])
    const paid = []
    for (let index = 0; index < 5; index++)
      paid.push(await payCashout(service.db, { provider: 'queues', reference: `q${index}` }))
    await tell(service.db, paid[1]!, 'returned')
    const waiting = await all(`${path}/outstanding?provider=queues`)
    expect(waiting.map(({ cashoutId, type }) => `${String(type)} ${String(cashoutId)}`)).toEqual([
      ...paid.map(({ cashoutId }) => `payout ${cashoutId}`),
      `refund ${paid[1]!.cashoutId}`,
    ])
    const { cashoutId, userId } = paid[0]!
    expect(waiting[0]).toMatchObject({
      cashoutId,
      userId,
      type: 'payout',
      provider: 'queues',
      amount: 100,
      currency: 'USD',
    })
    await send(path, file([line({ reference: 'q0' })], 'queues'))
    expect((await all(`${path}/outstanding?provider=queues`)).map((one) => one.cashoutId)).not.toContain(cashoutId)
  })

  test('refuse cursors of another list, and filters that there are not', async () => {
    await send(path, file([line(), line()], 'cursors'))
    const { nextCursor } = (await get(`${path}/unmatched?provider=cursors&limit=1`)).body
    for (const wrong of [
      `unmatched?cursor=${nextCursor}`,
      `outstanding?provider=cursors&cursor=${nextCursor}`,
      'unmatched?cursor=x',
      'unmatched?reason=felt_wrong',
      'unmatched?provider=Queues',
      'outstanding?reason=unknown_reference',
    ]) {
      expect((await get(`${path}/${wrong}`)).body.code, wrong).toBe('payload_invalid')
    }
    expect((await get(`${path}/${v7()}`)).body.code).toBe('not_found')
  })

  test('show in the metrics how much waits, and for how long', async () => {
    const gauge = async (name: string) => {
      const text = await (await fetch(service.metricsUrl)).text()
      return Number(
        text
          .split('\n')
          .find((one) => one.startsWith(`tributary_${name} `))
          ?.split(' ')[1],
      )
    }
    const before = await gauge('settlements_unmatched{reason="unknown_reference"}')
    await send(path, file([line()]))
    expect(await gauge('settlements_unmatched{reason="unknown_reference"}')).toBe(before + 1)
    expect(await gauge('settlements_unmatched{reason="ambiguous_reference"}')).toBe(0)
    expect(await gauge('settlements_unmatched_oldest_age_seconds')).toBeGreaterThan(0)
    expect(await gauge('settlements_outstanding{type="payout"}')).toBeGreaterThan(0)
    expect(await gauge('settlements_outstanding_oldest_age_seconds')).toBeGreaterThan(0)
    expect(await gauge('settlement_lines_total{result="conflict"}')).toBe(1)
  })
})

test('a line that comes before its payment is matched by itself once it is paid', async () => {
  const cashout = newCashout({ reference: 'early' })
  const { body } = await send(path, file([line({ reference: 'early' })]))
  expect(body.lines).toMatchObject([{ status: 'unmatched' }])
  await tell(service.db, cashout, 'requested')
  await tell(service.db, cashout, 'paid')
  const settled = await until('the job to match it', async () => {
    const { body: shown } = await get(`${path}/${String(body.lines[0]!.id)}`)
    return shown.status === 'matched' && shown
  })
  expect(settled).toMatchObject({ cashoutId: cashout.cashoutId, reason: null, closedBy: null })
})

describe('by hand', () => {
  const unmatchedLine = async (changes: object = {}) =>
    String((await send(path, file([line(changes)]))).body.lines[0]!.id)
  const match = (id: string, cashoutId: string, who = person) =>
    send(`${path}/${id}/match`, { cashoutId, reason: 'seen on the statement' }, { who })
  const dismiss = (id: string, who = person) => send(`${path}/${id}/dismiss`, { reason: 'of another shop' }, { who })

  test('a person says which cashout a line is of, and it is posted', async () => {
    const cashout = await payCashout(service.db)
    const id = await unmatchedLine()
    const { status, body } = await match(id, cashout.cashoutId)
    expect([status, body]).toMatchObject([
      200,
      { status: 'matched', cashoutId: cashout.cashoutId, closedBy: 'eve', closedWhy: 'seen on the statement' },
    ])
    const { body: transfers } = await get(`/api/v1/transfers?causeId=${id}`, ['ledger:read'])
    expect(transfers.items).toMatchObject([{ kind: 'clear', amount: 100 }])
    for (const again of [match(id, cashout.cashoutId), dismiss(id)]) {
      expect((await again).body).toMatchObject({ status: 409, code: 'settlement_closed', detail: 'it is matched' })
    }
    // It is settled now, so nothing else settles it.
    expect((await match(await unmatchedLine(), cashout.cashoutId)).body).toMatchObject({
      code: 'settlement_differs',
      detail: 'already_settled',
    })
  })

  test('all but the reference has to fit as ever', async () => {
    const { cashoutId } = await payCashout(service.db)
    const asked = newCashout()
    await tell(service.db, asked, 'requested')
    const wrong: [Promise<string>, string, string][] = [
      [unmatchedLine({ amount: 99 }), cashoutId, 'amount_differs'],
      [unmatchedLine({ currency: 'EUR' }), cashoutId, 'currency_differs'],
      [unmatchedLine({ type: 'refund' }), cashoutId, 'not_returned_yet'],
      [unmatchedLine(), asked.cashoutId, 'not_paid_yet'],
      [unmatchedLine(), v7(), 'unknown_reference'],
    ]
    for (const [id, to, detail] of wrong) {
      expect((await match(await id, to)).body).toMatchObject({ status: 409, code: 'settlement_differs', detail })
      expect((await get(`${path}/${await id}`)).body.status).toBe('unmatched')
    }
  })

  test('a line that is not ours is dismissed, stays known, and moves nothing', async () => {
    const lineId = v7()
    const id = await unmatchedLine({ lineId })
    expect((await dismiss(id)).body).toMatchObject({
      status: 'dismissed',
      closedBy: 'eve',
      closedWhy: 'of another shop',
      cashoutId: null,
    })
    expect((await send(path, file([line({ lineId })]))).body.lines).toMatchObject([
      { id, status: 'dismissed', repeated: true },
    ])
    expect((await get(`/api/v1/transfers?causeId=${id}`, ['ledger:read'])).body.items).toEqual([])
    expect((await dismiss(id)).body.code).toBe('settlement_closed')
  })

  test('of many persons at once, one closes it', async () => {
    const { cashoutId } = await payCashout(service.db)
    const id = await unmatchedLine()
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => (index % 2 ? match(id, cashoutId) : dismiss(id))),
    )
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([
      200, 409, 409, 409, 409, 409, 409, 409,
    ])
  })

  test('only persons close lines, with a reason', async () => {
    const id = await unmatchedLine()
    const client: TokenOptions = { kind: 'client', id: 'shop' }
    expect((await match(id, v7(), client)).body.code).toBe('person_required')
    expect((await dismiss(id, client)).body.code).toBe('person_required')
    expect((await send(`${path}/${id}/dismiss`, {}, { who: person })).body.code).toBe('payload_invalid')
    expect((await dismiss(v7())).body.code).toBe('not_found')
    expect((await match(v7(), v7())).body.code).toBe('not_found')
  })
})

test('the database itself keeps lines and their ends, and settles a cashout once', async () => {
  const { cashoutId } = await payCashout(service.db)
  await send(path, file([line({ reference: cashoutId })]))
  const { body } = await send(path, file([line({ reference: cashoutId })]))
  const waiting = String(body.lines[0]!.id)
  const close = (columns: string) =>
    `insert into settlement_closings (line_id, type, outcome, cashout_id, closed_at, closed_by, reason) values ('${waiting}', ${columns})`
  const attempts: [string, string][] = [
    [close(`'payout', 'matched', '${cashoutId}', now(), null, null`), 'settlement_closings_settle_a_cashout_once'],
    [close(`'refund', 'matched', '${cashoutId}', now(), null, null`), 'settlement_closings_are_of_a_line'],
    [close(`'payout', 'matched', null, now(), null, null`), 'settlement_closings_match_a_cashout_unless_a_fee'],
    [close(`'payout', 'dismissed', null, now(), null, null`), 'settlement_closings_are_dismissed_by_somebody'],
    [close(`'payout', 'dismissed', null, now(), 'eve', null`), 'settlement_closings_by_hand_say_why'],
    ['update settlement_lines set amount = 1', 'stays'],
    ['delete from settlement_lines', 'stays'],
    ['update settlement_closings set reason = null', 'stays'],
    ['truncate settlement_closings', 'stays'],
    ['delete from provider_references', 'stays'],
  ]
  for (const [sql, constraint] of attempts) {
    const refusal = await query(service.database.db, sql).then(
      () => 'done',
      (error: Error & { constraint?: string }) => error.constraint ?? error.message,
    )
    expect(refusal, sql).toContain(constraint)
  }
  // Out of the queues only by an end: the service's role has no other way.
  for (const table of ['unmatched_settlements', 'outstanding_settlements']) {
    await expect(query(service.db, `delete from ${table}`)).rejects.toThrow('permission denied')
  }
})
