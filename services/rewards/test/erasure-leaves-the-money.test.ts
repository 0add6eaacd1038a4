import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import {
  cancelled,
  custom,
  type Desk,
  openDesk,
  paid,
  refunded,
  registered,
  seedReferrer,
  seedRule,
  seedSettings,
} from './desk.ts'
import { columnsByTable } from './personal-columns.ts'

const wordsOf = (words = '') => words.split(' ').filter((word) => word !== '')

type Column = Readonly<{ table: string; column: string }>

/** Partitions have their parent's columns. */
const columnsSql = `select relname as "table", attname as "column" from pg_attribute
  join pg_class on pg_class.oid = attrelid
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and attnum > 0 and not attisdropped
  order by 1, 2`

test('it is said of every column whether it can hold personal data', async () => {
  const desk = await openDesk()
  const there = await desk.rows<Column>(columnsSql)
  const listed = Object.entries(columnsByTable).flatMap(([table, { personal, untilDropped, staff, nobody }]) =>
    [personal, untilDropped, staff, nobody].flatMap(wordsOf).map((column) => ({ table, column })),
  )
  const named = ({ table, column }: Column) => `${table}.${column}`
  // Where the migrations stand is no table of the service's.
  const own = there.filter(({ table }) => !table.startsWith('migrations'))
  expect(own.map(named).toSorted()).toEqual(listed.map(named).toSorted())
})

/** Everything that says who somebody is has this word in it. */
const CANARY = 'canary'

const numbersToo = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)

/** Columns in which the word is still found, outboxes excepted. */
async function whereFound(desk: Desk): Promise<string[]> {
  const found: string[] = []
  for (const [table, { untilDropped }] of Object.entries(columnsByTable)) {
    for (const row of await desk.rows(`select * from ${table}`)) {
      for (const [column, value] of Object.entries(row)) {
        const text = Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value, numbersToo)
        if (text.toLowerCase().includes(CANARY) && column !== untilDropped) found.push(`${table}.${column}`)
      }
    }
  }
  return [...new Set(found)].toSorted()
}

type Scene = Readonly<{ counter: Counter; desk: Desk; id: string; erase: () => ReturnType<Counter['ask']> }>

/** A person who was brought, pays, brings a friend, and left traces everywhere. */
async function scene(): Promise<Scene> {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  await seedReferrer(desk)
  await seedSettings(desk, { model: 'first' })
  const condition = "event.data.nick != 'x'"
  await seedRule(desk, { condition })
  await seedRule(desk, { eventType: 'user.registered', reward: { kind: 'fixed', amount: 100, currency: 'USD' } })
  await seedRule(desk, { eventType: 'user.registered', condition: "event.data.referralCode == 'x'" })
  const body = { externalId: 'canary-1', email: 'canary@example.com', name: 'Canary' }
  const { body: user } = await counter.ask('POST', '/api/v1/users', body, undefined, { key: 'create' })
  await counter.ask('POST', `/api/v1/users/${user.id}/referral-codes`, { code: 'Canary-Code' })
  await desk.handle(registered('canary-1', { referralCode: 'ann', subject: '01900000-0000-7000-8000-00000000000a' }))
  await desk.handle(registered('friend', { referralCode: 'canary-code' }))
  // Their code lost against another.
  await desk.handle(
    registered('lost', { referralCode: 'canary-code', touches: [{ code: 'ann', at: '2026-05-01T00:00:00Z' }] }),
    registered('lost-2', {
      touches: [
        { code: 'ann', at: '2026-05-01T00:00:00Z' },
        { code: 'canary-code', at: '2026-05-02T00:00:00Z' },
      ],
    }),
  )
  const payment = paid('canary-1', 'inv-1', 1000)
  await desk.handle({ ...payment, data: { ...(payment.data as object), nick: 'canary-nick' } })
  await desk.handle(custom('course.completed', 'canary-1', { note: 'canary' }))
  await desk.handle(cancelled('canary-1', 'sub'))
  await desk.handle(paid('canary-unregistered', 'inv-9', 1000))
  await desk.rows(
    `insert into parked_messages (id, type, payload, reason, attempts, parked_at)
     values (?, 'user.registered', ?, 'we do not know', 6, now())`,
    v7(),
    Buffer.from('{"externalUserId": "canary-1", "email": "canary@example.com"}'),
  )
  return {
    counter,
    desk,
    id: user.id,
    erase: () => counter.ask('DELETE', `/api/v1/users/${user.id}/personal-data`, undefined, ['users:erase']),
  }
}

test('nothing of a person is left after an erasure, and every amount is', async () => {
  const { counter, desk, id, erase } = await scene()
  const personal = Object.entries(columnsByTable).flatMap(([table, of]) =>
    wordsOf(of.personal).map((column) => `${table}.${column}`),
  )
  // Somebody else's event waits; it has the word in its name only, so that the search is seen to find it.
  const before = await whereFound(desk)
  expect(before.filter((column) => !personal.includes(column))).toEqual([])
  expect(personal.filter((column) => !before.includes(column))).toEqual([])
  const amounts = 'select id, reward_id, kind, amount, effective_at from reward_transactions order by id'
  const moneyBefore = await desk.rows(amounts)

  expect(await erase()).toEqual({ status: 200, body: { userId: id, erasedAt: expect.any(String) } })
  // Another person's event waits.
  expect(await whereFound(desk)).toEqual([
    'decisions.external_user_id',
    'invoices.external_user_id',
    'referees.external_user_id',
    'waiting_events.external_user_id',
    'waiting_events.payload',
  ])
  for (const [table, name] of [
    ['decisions', 'external_user_id'],
    ['invoices', 'external_user_id'],
    ['referees', 'external_user_id'],
  ]) {
    const rows = await desk.rows<{ name: string }>(
      `select distinct ${name} as name from ${table} where ${name} ~ 'canary'`,
    )
    expect(rows).toEqual([{ name: 'canary-unregistered' }])
  }
  expect(await desk.rows(amounts)).toEqual(moneyBefore)
  expect((await desk.said('member.erased')).map(({ data }) => data)).toEqual([
    { userId: id, externalUserId: 'canary-1' },
  ])
  const again = await erase()
  expect(again.status).toBe(200)
  expect(await desk.said('member.erased')).toHaveLength(1)
  expect((await counter.ask('GET', `/api/v1/users/${id}`)).body).toMatchObject({ id, externalId: null, email: null })
  for (const query of ['externalId=canary-1', 'email=canary@example.com', 'externalId=%20erased:x']) {
    const found = await counter.ask('GET', `/api/v1/users?${query}`)
    expect(found.body.items ?? []).toEqual([])
  }
  // What became of their events is still told, of nobody's.
  const decisions = await counter.ask('GET', `/api/v1/decisions?userId=${id}`)
  expect(decisions.body.items.length).toBeGreaterThan(3)
  expect(JSON.stringify(decisions.body)).not.toContain('erased:')
})

test('a late refund takes back what an erased customer brought, and a replay brings nobody back', async () => {
  const { desk, id, erase } = await scene()
  await erase()
  await desk.handle(refunded('inv-1', 'r-1', 500))
  expect((await desk.said('reward.reversed')).map(({ data }) => data)).toMatchObject([{ amount: 100 }])
  const [replayed] = await desk.handle(
    registered('canary-1', { referralCode: 'ann', subject: '01900000-0000-7000-8000-00000000000a' }),
  )
  expect(replayed).toMatchObject({ kind: 'ignored', reason: 'already_decided' })
  expect(await desk.rows(`select id from users where external_id = 'canary-1'`)).toEqual([])

  // Told of anew, they are a new person with a history of their own.
  await desk.handle(registered('canary-1', { referralCode: 'ann' }))
  const people = await desk.rows<{ id: string }>(`select id from users where external_id = 'canary-1'`)
  expect(people).toHaveLength(1)
  expect(people[0]!.id).not.toBe(id)
  expect(
    await desk.rows(
      `select cause from rewards where cause like 'registration:%' and cause !~ '(friend|lost|lost-2)$' order by cause desc`,
    ),
  ).toEqual([{ cause: 'registration:canary-1' }, { cause: `registration: erased:${id}` }])
})

test('an erasure does not wait for what was too late, and may have been decided again', async () => {
  const { counter, desk } = await scene()
  await seedSettings(desk, { paymentDays: 1 })
  await desk.handle(registered('bob', { referralCode: 'ann', at: '2026-04-01T00:00:00Z' }))
  await desk.handle(paid('bob', 'inv-2', 1000, { at: '2026-04-03T00:00:00Z' }))
  const waiting = `select until from waiting_events where external_user_id = 'bob'`
  expect(await desk.rows(waiting)).toEqual([{ until: 'conversion' }])
  const [bob] = await desk.rows<{ id: string }>(`select id from users where external_id = 'bob'`)
  const erased = await counter.ask('DELETE', `/api/v1/users/${bob!.id}/personal-data`, undefined, ['users:erase'])
  expect(erased.status).toBe(200)
  expect(await desk.rows(waiting)).toEqual([])
})

test('an erased person gets no code, and nobody gets theirs', async () => {
  const { counter, desk, id, erase } = await scene()
  await erase()
  const codes = `/api/v1/users/${id}/referral-codes`
  expect(await counter.ask('POST', codes, {})).toMatchObject({ status: 410, body: { code: 'user_erased' } })
  const [ann] = await desk.rows<{ id: string }>(`select id from users where external_id = 'referrer-ann'`)
  const taken = await counter.ask('POST', `/api/v1/users/${ann!.id}/referral-codes`, { code: 'CANARY-code' })
  expect(taken).toMatchObject({ status: 409, body: { code: 'code_taken' } })
  // Told again by a customer who met it long ago, it brings nobody and is not written down.
  await desk.handle(registered('later', { referralCode: 'Canary-Code' }))
  const told = await desk.rows(
    `select code, outcome, (select count(*)::int from referrals where referee_id = users.id) as referrals
     from referral_touches join users on users.id = referee_id where external_id = 'later'`,
  )
  expect(told).toEqual([{ code: null, outcome: 'code_retired', referrals: 0 }])
  const command = { externalId: 'canary-1', email: 'canary@example.com', name: 'Canary' }
  const repeated = await counter.ask('POST', '/api/v1/users', command, undefined, { key: 'create' })
  expect(repeated).toMatchObject({ status: 410, body: { code: 'user_erased' } })
})

test('erasing needs its own scope, and somebody to erase', async () => {
  const counter = await openCounter()
  const path = '/api/v1/users/01900000-0000-7000-8000-000000000000/personal-data'
  expect(await counter.ask('DELETE', path, undefined, ['users:write'])).toMatchObject({ status: 403 })
  expect(await counter.ask('DELETE', path, undefined, ['users:erase'])).toMatchObject({ status: 404 })
})

test('who writes to somebody at the moment they are erased writes nothing of them', async () => {
  const { desk, id, erase } = await scene()
  for (let round = 0; round < 3; round++) {
    await Promise.all([
      erase(),
      desk.handle(registered(`late-${round}`, { referralCode: 'canary-code' })),
      desk.handle(registered('canary-1', { email: 'canary@example.com' })),
    ])
  }
  expect(await desk.rows('select id from referrals where referrer_id = ? and code is not null', id)).toEqual([])
  expect(await desk.rows('select email, name from users where id = ?', id)).toEqual([{ email: null, name: null }])
})

test('not even the owner of the tables may change more than whose a row is', async () => {
  const { desk } = await scene()
  for (const sql of [
    `update decisions set external_user_id = ' erased:x', outcome = 'processed', reason = null`,
    `update decisions set trace = '{}'`,
    `update facts set payload = '{}'`,
    `update occasions set seen = seen - 'amount'`,
    `update rewards set cause = 'invoice:x'`,
  ]) {
    await expect(desk.rows(sql), sql).rejects.toThrow(/append-only/)
  }
})
