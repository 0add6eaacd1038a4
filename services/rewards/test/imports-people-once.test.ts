import { randomUUID } from 'node:crypto'
import { query } from '@tributary/database'
import { expect, test } from 'vitest'
import { openCounter } from './counter.ts'
import { openDesk, paid, seedRule } from './desk.ts'

const users = 'externalId,email,name\r\nann,ann@example.com,Ann\r\nbob,,"Bob, Jr."\r\neve,eve@example.com,\r\n'
const codes = 'externalId,code\nann,ANN-1\nbob,bob-1\nbob,4nn-1x\neve,ann_l\nnobody,nobody-1\n'
const referrals =
  'externalId,referrerExternalId,registeredAt\nbob,ann,2026-05-01T00:00:00Z\nann,ann,\neve,ghost,\nbob,eve,\nann,bob,\n'

test('files are taken in once, dry runs change nothing, and lines that cannot be are named', async () => {
  const counter = await openCounter()
  const desk = await openDesk(counter.service.database)
  const send = (csv: string, dryRun = false) => counter.send(`/api/v1/imports?dryRun=${dryRun}`, csv)
  const rows = () =>
    desk.rows(`select (select count(*)::int from users) as users, (select count(*)::int from referral_codes) as codes,
      (select count(*)::int from referrals) as referrals, (select count(*)::int from outbox where type ~ '^(member|referral)') as said`)

  expect(await send(users, true)).toMatchObject({
    status: 200,
    body: { dryRun: true, counts: { created: 3, refused: 0 } },
  })
  expect(await rows()).toEqual([{ users: 0, codes: 0, referrals: 0, said: 0 }])
  expect(await send(users)).toMatchObject({ body: { kind: 'users', counts: { created: 3, unchanged: 0, refused: 0 } } })
  expect(await send(`${users}ann,other@example.com,\r\n`)).toMatchObject({
    body: { counts: { created: 0, unchanged: 3, refused: 1 }, refused: [{ line: 5, reason: 'user_conflict' }] },
  })

  const wrongCodes = [
    { line: 5, reason: 'code_taken' },
    { line: 6, reason: 'user_unknown' },
  ]
  expect((await send(codes, true)).body).toMatchObject({ counts: { created: 3 }, refused: wrongCodes })
  expect((await send(codes)).body).toMatchObject({ counts: { created: 3, unchanged: 0 }, refused: wrongCodes })
  expect((await send(codes)).body).toMatchObject({ counts: { created: 0, unchanged: 3 }, refused: wrongCodes })

  const wrongReferrals = [
    { line: 3, reason: 'self_referral' },
    { line: 4, reason: 'user_unknown' },
    { line: 5, reason: 'referral_conflict' },
    { line: 6, reason: 'circular_referral' },
  ]
  expect((await send(referrals, true)).body).toMatchObject({ counts: { created: 1 }, refused: wrongReferrals })
  expect((await send(referrals)).body).toMatchObject({ counts: { created: 1 }, refused: wrongReferrals })
  expect((await send(referrals)).body).toMatchObject({ counts: { created: 0, unchanged: 1 }, refused: wrongReferrals })
  expect(await rows()).toEqual([{ users: 3, codes: 3, referrals: 1, said: 4 }])

  // What was imported counts: bob's payment rewards ann.
  await seedRule(desk)
  await desk.handle(paid('bob', 'inv-1', 1000))
  expect(await desk.said('reward.earned')).toHaveLength(1)

  // What comes out goes in elsewhere, and says the same.
  expect(await counter.csv('/api/v1/exports/codes')).toBe('externalId,code\r\nbob,bob-1\r\nann,ANN-1\r\nbob,4nn-1x\r\n')
  const other = await openCounter()
  for (const kind of ['users', 'codes', 'referrals']) {
    const file = await counter.csv(`/api/v1/exports/${kind}`)
    expect((await other.send('/api/v1/imports', file)).body).toMatchObject({ counts: { unchanged: 0, refused: 0 } })
    expect(await other.csv(`/api/v1/exports/${kind}`)).toBe(file)
  }
})

test('names that look like formulas go out harmless and come in again as the same', async () => {
  const [counter, other] = [await openCounter(), await openCounter()]
  const names = ['=1+1', '+49170', '-ann', '@bob', "'=1", "''@eve", "'tHooft", '\uff1d1']
  for (const externalId of names) {
    const made = await counter.ask('POST', '/api/v1/users', {
      externalId,
      name: externalId,
      email: `${randomUUID()}@example.com`,
    })
    expect(made.status, externalId).toBe(201)
  }
  const file = await counter.csv('/api/v1/exports/users')
  for (const line of file.split('\r\n')) expect(line).not.toMatch(/(^|,)"?\s*[=+\-@\uff1d]/)
  expect((await counter.send('/api/v1/imports', file)).body).toMatchObject({ counts: { created: 0, refused: 0 } })
  await other.send('/api/v1/imports', file)
  expect(await other.csv('/api/v1/exports/users')).toBe(file)
})

const refusedFiles: readonly (readonly [string, ...string[]])[] = [
  ['', ''],
  ['externalId,nick\nann,x\n', 'must name the columns'],
  ['externalId,code\n', 'there is no line'],
  ['externalId,code\nann,"abc\n', 'a quote'],
  ['externalId,code\nann\n', 'line 2: has 1 cells of 2'],
  ['externalId,email\nann,x\n\nbob,b@example.com\neve,y\n', 'line 2', 'line 5'],
  ['externalId,code\nann,a b c\n', 'line 2: must have letters'],
  [`externalId,code\n${'ann,abc\n'.repeat(1_001)}`, 'at most 1000 lines'],
]

test('a file that is none is refused whole, and why, by its lines', async () => {
  const counter = await openCounter()
  for (const [csv, ...messages] of refusedFiles) {
    const { status, body } = await counter.send('/api/v1/imports', csv)
    expect([400, 415, 422], csv.slice(0, 60)).toContain(status)
    for (const message of messages) expect(JSON.stringify(body)).toContain(message)
  }
})

test('a thousand lines are taken in within a second or two', async () => {
  const counter = await openCounter()
  const lines = (of: (index: number) => string) => Array.from({ length: 1_000 }, (_, index) => of(index)).join('\n')
  const files = [
    `externalId\n${lines((index) => `u${index}`)}`,
    `externalId,code\n${lines((index) => `u${index},many-x${index}q`)}`,
    `externalId,referrerExternalId\n${lines((index) => `u${index},u${(index + 1) % 1_000}`)}`,
  ]
  for (const file of files) {
    const started = performance.now()
    const { body } = await counter.send('/api/v1/imports', file)
    expect(body).toMatchObject({ counts: { unchanged: 0 } })
    expect(performance.now() - started).toBeLessThan(10_000)
  }
})

test('files about the same people that are handed in at the same time wait for each other, in whatever order they name them', async () => {
  const counter = await openCounter()
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  const everyone = `externalId\n${numbers.map((index) => `u${index}`).join('\n')}`
  await counter.send('/api/v1/imports', everyone)
  const files = [
    ['externalId,email', (index: number) => `u${index},u${index}@example.com`],
    ['externalId,code', (index: number) => `u${index},many-x${index}q`],
    ['externalId,referrerExternalId', (index: number) => `u${index},u${(index + 1) % numbers.length}`],
  ] as const
  const both = files.flatMap(([head, lineOf]) =>
    [numbers, numbers.toReversed()].map((order) => `${head}\n${order.map(lineOf).join('\n')}`),
  )
  const answers = await Promise.all(both.map((file) => counter.send('/api/v1/imports', file)))
  expect(answers.map(({ status }) => status)).toEqual(both.map(() => 200))
  const [stats] = await query<{ deadlocks: number }>(
    counter.service.database.db,
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  expect(stats).toEqual({ deadlocks: 0 })
})
