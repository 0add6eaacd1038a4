import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { openPastLedger, users } from './months.ts'
import { openReader, type Reader } from './reading.ts'
import { type Request, request } from './rig.ts'

const DAY_MS = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS)
const userId = users[0]

type Entry = Readonly<Record<string, string | number | null>> & Readonly<{ amount: number; side: string }>
type Balance = Readonly<{ currency: string; account: string; opening: number; closing: number }>
type Statement = Readonly<{
  from: string | null
  to: string
  balances: Balance[]
  items: Entry[]
  nextCursor: string | null
  code?: string
}>

/** Something on every account, in two currencies, from 100 days ago on. */
async function worked() {
  const ledger = await openPastLedger()
  const earn = request('earn', { userId, amount: 1_000n })
  const cashout = { userId, rewardId: v7(), amount: 300n }
  const said: readonly (readonly [days: number, ...Request[]])[] = [
    [100, earn, request('earn', { userId, amount: 70n, currency: 'EUR' })],
    [90, { ...earn, kind: 'release', causeId: v7(), amount: 800n }],
    [80, request('reserve', cashout)],
    [60, request('settle', cashout), request('earn', { userId, amount: 5n })],
    [50, { ...earn, kind: 'reverse', causeId: v7(), amount: 900n }],
    [40, request('bounce', cashout), request('earn', { userId: users[1] })],
  ]
  for (const [days, ...requests] of said) {
    await ledger.setClock(daysAgo(days))
    await ledger.post(...requests)
  }
  return { ledger, reader: await openReader(ledger.database) }
}

const path = (query: string, user: string = userId) => `/api/v1/users/${user}/entries?${query}`

async function allPages({ get }: Reader, query: string): Promise<Statement[]> {
  const pages: Statement[] = []
  let cursor = ''
  do {
    const page = await get<Statement>(path(`${query}${cursor}`))
    pages.push(page)
    cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`
  } while (cursor !== '')
  return pages
}

test('a period that is over prints the same bytes, whatever is posted later', async () => {
  const { ledger, reader } = await worked()
  const period = `from=${daysAgo(95).toISOString()}&to=${daysAgo(45).toISOString()}`
  const queries = [`${period}&limit=2`, `${period}&currency=USD&account=available`, `to=${daysAgo(45).toISOString()}`]
  const print = async () => {
    const json = await Promise.all(queries.map((query) => allPages(reader, query)))
    const csv = await Promise.all(queries.map((query) => reader.read(path(query), 'text/csv')))
    return JSON.stringify({ json, csv })
  }
  const before = await print()
  // Later, late, early, in a currency that was never used before, on accounts that were not open.
  await ledger.setClock(daysAgo(10))
  for (const days of [200, 92, 70, 46, 10, -10]) {
    const time = daysAgo(days).toISOString()
    await ledger.post(request('earn', { userId, time }), request('earn', { userId, time, currency: 'JPY' }))
  }
  const earn = request('earn', { userId })
  await ledger.post(earn, { ...earn, kind: 'hold', causeId: v7(), time: daysAgo(70).toISOString() })
  expect(await print()).toBe(before)
  expect(JSON.parse(before).json[0].length).toBeGreaterThan(3)
})

test('opening balances and entries come to the closing balances, and periods join', async () => {
  const { reader } = await worked()
  const whole = (await allPages(reader, 'limit=200')).flatMap(({ items }) => items)
  // At the very instants of postings: each belongs to the period that it begins.
  const posted = [...new Set(whole.map(({ postedAt }) => String(postedAt)))].sort()
  const cuts = ['2001-01-01T00:00:00Z', ...posted, daysAgo(30).toISOString()]
  const periods = await Promise.all(
    cuts.slice(1).map((to, index) => allPages(reader, `limit=2&from=${cuts[index]}&to=${to}`)),
  )
  let closed: Record<string, number> = {}
  const seen: string[] = []
  for (const pages of periods) {
    const [first] = pages as [Statement]
    // The same on every page.
    for (const page of pages) expect(page).toMatchObject({ from: first.from, to: first.to, balances: first.balances })
    const entries = pages.flatMap(({ items }) => items)
    seen.push(...entries.map(({ account, currency, version }) => `${account} ${currency} ${version}`))
    for (const { currency, account, opening, closing } of first.balances) {
      expect(opening, account).toBe(closed[`${account} ${currency}`] ?? 0)
      const sign = account === 'owed' ? -1 : 1
      const moved = entries
        .filter((entry) => entry.currency === currency && entry.account === account)
        .reduce((sum, { amount, side }) => sum + sign * (side === 'credit' ? amount : -amount), 0)
      expect(opening + moved, account).toBe(closing)
    }
    closed = Object.fromEntries(first.balances.map((line) => [`${line.account} ${line.currency}`, line.closing]))
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.sort()).toEqual(whole.map(({ account, currency, version }) => `${account} ${currency} ${version}`).sort())
  expect(closed).toMatchObject({ 'available USD': 100, 'owed USD': 0, 'pending EUR': 70 })
})

test('as CSV it is whole: each account between its opening and its closing line, oldest first', async () => {
  const { ledger, reader } = await worked()
  await ledger.setClock(daysAgo(39))
  // More than is read at a time.
  for (let batch = 0; batch < 6; batch++) {
    await ledger.post(...Array.from({ length: 200 }, () => request('earn', { userId, amount: 1n })))
  }
  const to = daysAgo(30).toISOString()
  const { status, type, text } = await reader.read(path(`to=${to}&limit=1`), 'application/json;q=0.5, text/csv')
  expect([status, type]).toEqual([200, 'text/csv; charset=utf-8; header=present'])
  expect(text.endsWith('\r\n')).toBe(true)
  const [header, ...lines] = text
    .slice(0, -2)
    .split('\r\n')
    .map((line) => line.split(','))
  const rows = lines.map((cells) => Object.fromEntries(header!.map((name, at) => [name, cells[at]])))
  const entries = rows.filter(({ line }) => line === 'entry')
  const pages = await allPages(reader, `to=${to}&limit=200`)
  expect(entries).toHaveLength(pages.flatMap(({ items }) => items).length)
  expect(entries.length).toBeGreaterThan(1_200)
  for (const { currency, account, opening, closing } of pages[0]!.balances) {
    const mine = rows.filter((row) => row.currency === currency && row.account === account)
    expect(mine.at(0)).toMatchObject({ line: 'opening', balance: String(opening), postedAt: '' })
    expect(mine.at(-1)).toMatchObject({ line: 'closing', balance: String(closing) })
    const versions = mine.slice(1, -1).map(({ version }) => Number(version))
    expect(versions).toEqual(versions.map((_, index) => index + 1))
  }
  const json = new Map(
    pages.flatMap(({ items }) => items).map((item) => [`${item.account} ${item.currency} ${item.version}`, item]),
  )
  for (const { line: _line, balance, ...row } of entries) {
    const { balanceAfter, ...item } = json.get(`${row.account} ${row.currency} ${row.version}`)!
    expect({ ...row, balance }).toEqual({ ...stringsOf(item), balance: String(balanceAfter) })
  }
})

const stringsOf = (item: object) =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value === null ? '' : String(value)]))

test('without an end it ends when the first page was asked for', async () => {
  const { ledger, reader } = await worked()
  const first = await reader.get<Statement>(path('limit=3'))
  await ledger.setClock(new Date())
  await ledger.post(request('earn', { userId }))
  const next = await reader.get<Statement>(path(`limit=3&cursor=${first.nextCursor}`))
  expect(next).toMatchObject({ to: first.to, balances: first.balances })
  expect(next.items.every((item) => String(item.postedAt) <= String(first.items.at(-1)!.postedAt))).toBe(true)
})

test('a cursor serves only the query that it was made by', async () => {
  const { reader } = await worked()
  const period = `from=${daysAgo(95).toISOString()}&to=${daysAgo(45).toISOString()}`
  const { nextCursor } = await reader.get<Statement>(path(`limit=2&${period}`))
  const others = [
    path(`to=${daysAgo(45).toISOString()}`),
    path(`from=${daysAgo(95).toISOString()}`),
    path(period.replace('from=', 'from=2025-01-01T00:00:00Z&x=').replace(/&x=[^&]*/, '')),
    path(`${period}&account=available`),
    path(`${period}&currency=USD`),
    path(period, users[1]),
  ]
  for (const other of others) {
    expect(await reader.get(`${other}&cursor=${nextCursor}`), other).toMatchObject({
      status: 422,
      code: 'payload_invalid',
    })
  }
  expect((await reader.get(path(`limit=9&${period}&cursor=${nextCursor}`))).status).toBe(200)
  expect((await reader.get(path(`${period}&cursor=${nextCursor}`, userId.toUpperCase()))).status).toBe(200)
})
