import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Database, openDatabase, query } from '@tributary/database'
import { provisionDatabase } from '@tributary/provision'
import { leash, startPostgres } from '@tributary/servers'
import { type Gauge, newGauge } from './ledger-meter.ts'
import { newPosting, newUuid7, type Posting } from './ledger-postings.ts'
import { type LedgerService, newLedgerService, newPoster } from './ledger-service.ts'

const USERS = 1_000
const FILL_BATCH = 500

/** What is read, and of whom: any user, or the one who has half of all entries. */
export const reads = ['balance', 'as-of recorded', 'as-of effective'] as const
export type Read = (typeof reads)[number]
/** A read as its route takes it. */
export type Asked = Readonly<{ userId: string; asOf?: string; basis: 'recorded' | 'effective' }>

/** A ledger with a server of its own that so many entries were posted to. */
export type GrownLedger = Readonly<{
  entries: number
  gauge: Gauge
  /** What stays on disk, for each transfer that it grew by; without inbox and outbox, which are emptied after some days. */
  bytesPerTransfer: number
  newPostings(count: number): readonly Posting[]
  post(postings: readonly Posting[]): Promise<void>
  /** As of some instant since the first posting, where it is as of one. */
  newAsked(read: Read, hot: boolean): Asked
  /** Answers through the route's handler, without HTTP. */
  ask(asked: Asked): Promise<void>
  /** Asks the database for nothing: what any question takes at least, on this machine at this time. */
  askNothing(): Promise<void>
}>

/** Where a ledger's database is, and the process of its server. */
export type Place = Readonly<{ url: string; adminUrl: string; pid: number }>

export async function startPlace(directory: string, undo: (() => Promise<void>)[]): Promise<Place> {
  const postgres = await startPostgres({ directory })
  leash([postgres.process])
  undo.push(() => postgres.stop({ remove: true }))
  const passwords = { ownerPassword: randomBytes(16).toString('hex'), password: randomBytes(16).toString('hex') }
  const { url } = await provisionDatabase({ adminUrl: postgres.url, service: 'ledger', ...passwords })
  const admin = new URL(postgres.url)
  admin.pathname = new URL(url).pathname
  return { url, adminUrl: admin.href, pid: postgres.process.pid }
}

/** Posts so many entries by the way that every event takes, then lets the server tidy up, so that it does not do so later. */
export async function growLedger(
  { url, adminUrl, pid }: Place,
  entries: number,
  undo: (() => Promise<void>)[],
): Promise<GrownLedger> {
  const open = (to: string) => {
    const db = openDatabase({ url: to, applicationName: 'bench', poolMax: 1, statementTimeoutMs: 600_000 })
    undo.push(() => db.destroy())
    return db
  }
  const [db, admin] = [open(url), open(adminUrl)]
  const service = newLedgerService()
  const post = newPoster(service, db)
  const users = Array.from({ length: USERS }, newUuid7)
  const newPostings = (count: number) =>
    Array.from({ length: count }, () => newPosting(users, Math.random() < 0.5)).map(late)
  const gauge = newGauge(admin, pid)
  const { diskBytes: empty } = await gauge()
  const transfers = entries / 2
  // Everybody has something.
  await post(users.map((user) => newPosting([user], true)))
  for (let posted = USERS; posted < transfers; posted += FILL_BATCH) {
    await post(newPostings(Math.min(FILL_BATCH, transfers - posted)))
  }
  await query(admin, 'truncate inbox, outbox')
  await query(admin, 'vacuum (analyze)')
  await query(admin, 'checkpoint')
  const { diskBytes } = await gauge()
  const [span] = await query<{ first: number; last: number }>(
    admin,
    `select extract(epoch from min(posted_at))::float8 as first, extract(epoch from max(posted_at))::float8 as last from batches`,
  )
  return {
    entries,
    gauge,
    bytesPerTransfer: (diskBytes - empty) / transfers,
    newPostings,
    post,
    newAsked: (read, hot) => newAsked(users, span!, read, hot),
    ask: newAsker(service, db),
    askNothing: async () => void (await query(db, 'select 1')),
  }
}

/** Happened up to 100 ms before it is posted: a thousand times as fast as a million events a day, that is a minute and a half. */
function late(posting: Posting): Posting {
  return { ...posting, time: new Date(Date.now() - Math.random() * 100).toISOString() }
}

function newAsked(users: readonly string[], span: { first: number; last: number }, read: Read, hot: boolean): Asked {
  const userId = hot ? users[0]! : users[Math.floor(Math.random() * users.length)]!
  if (read === 'balance') return { userId, basis: 'recorded' }
  const asOf = new Date((span.first + Math.random() * (span.last - span.first)) * 1_000).toISOString()
  return { userId, asOf, basis: read === 'as-of effective' ? 'effective' : 'recorded' }
}

function newAsker({ routes }: LedgerService, db: Database): GrownLedger['ask'] {
  const route = routes.find(({ path }) => path === '/api/v1/users/{id}/balance')
  if (route === undefined) throw new Error('the ledger does not answer balances')
  return async ({ userId, ...query }) => {
    const answer = await route.handle({ params: { id: userId }, query } as never, { db } as never)
    const { balances } = (answer as unknown as { body: { balances: unknown[] } }).body
    if (balances.length !== 1) throw new Error(`a balance was asked for and is not there: ${userId}`)
  }
}

export const folderOf = (directory: string, entries: number) => join(directory, `entries-${entries}`)
