import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { openDatabase, query } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { configShape } from '../src/config.ts'
import { archiveMonths } from '../src/jobs/archive-months.ts'
import { archiveOldestMonth } from '../src/steps/archive-months.ts'
import { verifyEverything } from '../src/steps/verify-everything.ts'
import { verifyNextBatches } from '../src/steps/verify-new-entries.ts'
import { readAsOf } from '../src/store/as-of.ts'
import { findBalances, findBalancesAsRecorded, findBalancesInEffect } from '../src/store/balances.ts'
import { findTrialBalanceAsRecorded } from '../src/store/trial-balance.ts'
import type { Verification } from '../src/store/verifications.ts'
import { checkBooks } from '../src/store/verify-books.ts'
import { newKeys, newSigningKey } from './keys.ts'
import { openPastLedger } from './months.ts'
import { type Ledger, request } from './rig.ts'
import { exported, sealAll, verified } from './sealed.ts'

const months = ['2026-06', '2026-07', '2026-08', '2026-09', '2026-10', '2026-11']

/** A user who earns 100 each month, has half of it released in the next one, and one cashout that takes three months. */
async function someMonths() {
  const ledger = { ...(await openPastLedger()), keys: newKeys() }
  const userId = v7()
  const cashout = { rewardId: v7(), userId, amount: 30n }
  let before: ReturnType<typeof request<'earn'>> | undefined
  const first = request('earn', { userId, time: '2026-06-09T00:00:00Z' })
  for (const [index, month] of months.entries()) {
    await ledger.setClock(new Date(`${month}-10T00:00:00Z`))
    const earn = index === 0 ? first : request('earn', { userId, time: `${month}-09T00:00:00Z` })
    await ledger.post(earn)
    // Recorded before it happened, as by a sender whose clock is wrong; the second one in another month.
    await ledger.post(request('earn', { userId, amount: 7n, time: `${month}-28T00:00:00Z` }))
    await ledger.post(request('earn', { userId, amount: 3n, time: afterMonth(month) }))
    if (before) {
      await ledger.post({ ...before, kind: 'release', causeId: v7(), amount: 50n, time: `${month}-10T00:00:00Z` })
    }
    if (index === 1) await ledger.post(request('reserve', cashout))
    if (index === 4) await ledger.post(request('settle', cashout))
    before = earn
  }
  await sealAll(ledger)
  const owner = openDatabase({ url: ledger.database.ownerUrl, applicationName: 'test', poolMax: 1, lockTimeoutMs: 0 })
  const directory = mkdtempSync(join(tmpdir(), 'archives-'))
  onTestFinished(async () => {
    await owner.destroy()
    rmSync(directory, { recursive: true })
  })
  // Thirteen months after August 2026 has begun, June and July are old.
  const archiving = {
    db: ledger.db,
    owner,
    keys: ledger.keys,
    directory,
    retentionMonths: 13,
    log,
    now: () => new Date('2027-09-15'),
  }
  return { ledger, userId, first, owner, directory, archiving }
}

const log = newLogger('ledger', 'silent')

/** What is left of a month, attached or not. */
const partitionsOf = ({ db }: Ledger, month: string) =>
  query(db, `select relname from pg_class where relkind = 'r' and relname like '%' || ?`, [
    `_${month.replace('-', '')}`,
  ])

/** The third of the month after. */
const afterMonth = (month: string) =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 3)).toISOString()

/** Verified, as a month must be before it is archived. */
async function verifyAll({ db }: Ledger): Promise<Verification> {
  const verifier = { db, now: () => new Date(), newId: v7, clearingMaxAgeDays: 365 }
  const found = await verifyEverything(verifier, async () => nothingMore)
  while ((await verifyNextBatches(verifier))?.more);
  return found
}

const nothingMore = { names: [], run: async () => ({ checks: [], notCovered: [] }) }

/** Those that do not find what they should. */
const unsound = ({ report }: Verification) => report.checks.filter(({ status }) => status !== 'passed')

test('after months were let go, balances at any kept instant are the same, and both verifications and the export still hold', async () => {
  const { ledger, userId, archiving } = await someMonths()
  const filter = { userId, currency: 'USD' }
  const asOf = async (instant: string) => ({
    recorded: await findBalancesAsRecorded(ledger.db, filter, instant),
    effective: await findBalancesInEffect(ledger.db, filter, instant),
    trial: await findTrialBalanceAsRecorded(ledger.db, instant),
  })
  const instants = months
    .slice(2)
    .flatMap((month) => [`${month}-01T00:00:00Z`, `${month}-02T00:00:00Z`, `${month}-20T00:00:00Z`])
  const before = await Promise.all(instants.map(asOf))
  expect(before[1]?.effective).not.toEqual(before[1]?.recorded)
  for (const month of months.slice(0, 2)) {
    expect(unsound(await verifyAll(ledger))).toEqual([])
    expect(await archiveOldestMonth(archiving)).toBe(true)
    expect(await partitionsOf(ledger, month)).toEqual([])
    expect(await Promise.all(instants.map(asOf))).toEqual(before)
    await ledger.post(request('earn'))
    await sealAll(ledger)
    const report = await verified(await exported(ledger), [ledger.keys.own])
    expect(report.checks.filter(({ broken }) => broken > 0)).toEqual([])
    expect(report.notCovered.join()).toContain(`${afterMonth(month).slice(0, 7)}-01`)
    expect(unsound(await verifyAll(ledger))).toEqual([])
    expect(await query(ledger.db, 'select * from projection_differences()')).toEqual([])
  }
  // Everything later is to be kept.
  expect(await archiveOldestMonth(archiving)).toBe(false)
  const { recorded } = before.at(-1)!
  expect(await findBalances(ledger.db, filter)).toEqual(recorded)
  expect(await readAsOf(ledger.db, '2026-07-31T23:59:59Z', async () => 'read')).toMatchObject({
    status: 'before_retention',
    retainedSince: '2026-08-01T00:00:00.000000Z',
  })
})

test('a month is archived only once all of it was verified and signed', async () => {
  const { ledger, archiving, directory } = await someMonths()
  expect(await archiveOldestMonth(archiving)).toBe(false)
  await verifyAll(ledger)
  await query(ledger.database.db, 'alter table checkpoints disable trigger all')
  await query(ledger.database.db, `delete from checkpoints`)
  expect(await archiveOldestMonth(archiving)).toBe(false)
  expect(readdirSync(directory)).toEqual([])
  expect(await query(ledger.db, 'select from archives')).toEqual([])
})

test('the file of a month proves itself with the key alone, and its hash is in the books', async () => {
  const { ledger, archiving, directory } = await someMonths()
  await verifyAll(ledger)
  await archiveOldestMonth(archiving)
  await archiveOldestMonth(archiving)
  const files = readdirSync(directory).sort()
  expect(files).toEqual(['ledger-until-2026-07-01.ndjson.gz', 'ledger-until-2026-08-01.ndjson.gz'])
  for (const [index, name] of files.entries()) {
    const file = readFileSync(join(directory, name))
    const [row] = await query<{ sha256: string }>(
      ledger.db,
      `select encode(file_sha256, 'hex') as sha256 from archives where file_name = ?`,
      [name],
    )
    expect(createHash('sha256').update(file).digest('hex')).toBe(row!.sha256)
    const lines = gunzipSync(file).toString().trimEnd().split('\n')
    const report = await verified(lines, [ledger.keys.own])
    expect(report.checks.filter(({ broken }) => broken > 0)).toEqual([])
    expect(report.lines).toMatchObject({ transfer: [3, 5][index] })
    // Any line less is noticed.
    for (const at of lines.keys()) expect((await verified(lines.toSpliced(at, 1), [ledger.keys.own])).ok).toBe(false)
    expect((await verified(lines, [newKeys().own])).ok).toBe(false)
  }
})

test('what asked for money in an archived month is still answered once', async () => {
  const { ledger, archiving, first } = await someMonths()
  await verifyAll(ledger)
  while (await archiveOldestMonth(archiving));
  expect(await ledger.post(first)).toEqual([{ kind: 'ignored', reason: 'already_answered' }])
  expect(await ledger.post({ ...first, amount: 1n })).toEqual([{ kind: 'ignored', reason: 'conflict' }])
  const again = { ...first, kind: 'reverse', causeId: v7(), amount: 100n } as const
  expect(await ledger.post(again)).toEqual([{ kind: 'done' }])
  expect(unsound(await verifyAll(ledger))).toEqual([])
})

test('a crash between any two steps is made up for', async () => {
  const { ledger, archiving, owner } = await someMonths()
  await verifyAll(ledger)
  // Written, and nothing more.
  const dying = { ...archiving, owner: openDatabase({ url: 'postgres://127.0.0.1:1/none', applicationName: 'test' }) }
  await expect(archiveOldestMonth(dying)).rejects.toThrow()
  await dying.owner.destroy()
  expect(await archiveOldestMonth(archiving)).toBe(true)
  // Closed, and one of its tables taken out, but neither dropped.
  await query(owner, `create table transfers_202501 (like transfers)`)
  const [made] = await query<{ until: string }>(
    ledger.db,
    `select retained_from + interval '1 month' as until from archives`,
  )
  const [count] = await query<{ transfers: bigint; entries: bigint }>(
    ledger.db,
    `select (select count(*) from transfers where posted_at >= retained_from() and posted_at < ?) as transfers,
       (select count(*) from ledger_entries where posted_at >= retained_from() and posted_at < ?) as entries`,
    [made!.until, made!.until],
  )
  await query(owner, `select from archive_ledger(?, 'by hand', sha256(''), ?, ?)`, [
    made!.until,
    count!.transfers,
    count!.entries,
  ])
  await query(owner, 'alter table transfers detach partition transfers_202607 concurrently')
  expect(unsound(await verifyAll(ledger))).toEqual([])
  expect(await archiveOldestMonth(archiving)).toBe(false)
  for (const month of ['2025-01', '2026-06', '2026-07']) expect(await partitionsOf(ledger, month)).toEqual([])
  expect(unsound(await verifyAll(ledger))).toEqual([])
})

test('after a failure, incremental verification begins where what is kept begins', async () => {
  const { ledger, archiving } = await someMonths()
  await verifyAll(ledger)
  await archiveOldestMonth(archiving)
  await query(
    ledger.database.db,
    `update verification_progress set status = 'failed', report = null, hash = sha256('')`,
  )
  await verifyAll(ledger)
  const [progress] = await query(
    ledger.db,
    `select p.status, p.batch = h.batch as whole, p.kinds from verification_progress p, ledger_head h`,
  )
  expect(progress).toMatchObject({ status: 'passed', whole: true })
  await ledger.post(request('earn'))
  expect(unsound(await verifyAll(ledger))).toEqual([])
})

const changes: readonly (readonly [what: string, sql: string])[] = [
  [
    'an opening balance raised',
    `update opening_balances set credits = credits + 1, balance = balance + 1 where account_id = 2`,
  ],
  ['an opening balance removed', `delete from opening_balances where account_id = 2`],
  [
    'an opening balance added',
    `insert into opening_balances select archive, 9, 1, 0, 5, 5 from opening_balances limit 1`,
  ],
  ['an opening position altered', `update opening_reward_positions set pending = pending + 1, granted = granted + 1`],
  ['an opening cashout removed', `delete from opening_cashout_positions`],
  ['an early entry removed', `delete from opening_early_entries`],
  ['an archive removed', `delete from archives where number = 2`],
  ['the name of a file altered', `update archives set file_name = 'another' where number = 1`],
  ['the hash of a file altered', `update archives set file_sha256 = sha256('x') where number = 2`],
  ['more archived than was', `update archives set retained_from = retained_from + interval '1 day' where number = 2`],
  ['an archived account given away', `update accounts set user_id = gen_random_uuid() where id = 2`],
  ['an archived cause forgotten', `delete from causes where posted_at < '2026-07-01' and kind = 'earn'`],
  ['an archived batch altered', `update batches set body = sha256('') where number = 1`],
  ['an archived batch removed', `delete from batches where number = 2`],
]

test('what a superuser alters of what archived months left behind is found', async () => {
  const { ledger, archiving } = await someMonths()
  await verifyAll(ledger)
  while (await archiveOldestMonth(archiving));
  for (const [what, sql] of changes) {
    const tx = await ledger.database.db.transaction()
    await tx.raw('set local session_replication_role = replica')
    await tx.raw(sql)
    const { status, checks } = await checkBooks(tx)
    await tx.rollback()
    expect(status, `${what}: ${JSON.stringify(checks.filter((one) => one.status === 'not_run'))}`).toBe('failed')
  }
})

test('nobody but the owner archives, and nobody changes what was written then', async () => {
  const { ledger, archiving, owner } = await someMonths()
  await verifyAll(ledger)
  await archiveOldestMonth(archiving)
  await expect(query(ledger.db, `select archive_ledger(now(), 'x', sha256(''), 0, 0)`)).rejects.toMatchObject({
    code: '42501',
  })
  for (const table of ['archives', 'opening_balances', 'opening_reward_positions', 'opening_early_entries']) {
    await expect(query(owner, `delete from ${table}`), table).rejects.toMatchObject({ code: '23001' })
    await expect(query(owner, `truncate ${table} cascade`), table).rejects.toMatchObject({ code: '23001' })
  }
  // Neither again, nor out of order, nor with a file that lacks something.
  const again = (until: string, count = 0) =>
    query(owner, `select archive_ledger(?::timestamptz, 'x', sha256(''), ?::bigint, 0)`, [until, count])
  await expect(again('2026-07-01')).rejects.toMatchObject({ code: '55000' })
  await expect(again('2027-01-01')).rejects.toMatchObject({ code: '55000' })
  await expect(again('2026-08-01', 1)).rejects.toMatchObject({ code: '22000' })
})

test('the job archives with the three settings together, and is none without them', async () => {
  const { ledger, directory } = await someMonths()
  await verifyAll(ledger)
  const key = { LEDGER_SIGNING_KEY: newSigningKey() }
  expect(archiveMonths(configShape.parse(key), ledger.keys)).toEqual([])
  const partly = configShape.parse({ ...key, LEDGER_RETENTION_MONTHS: '13' })
  expect(() => archiveMonths(partly, ledger.keys)).toThrow(
    /LEDGER_ARCHIVE_DIRECTORY is missing.*\s*.*LEDGER_OWNER_DATABASE_URL is missing/,
  )
  const config = configShape.parse({
    ...key,
    LEDGER_RETENTION_MONTHS: '13',
    LEDGER_ARCHIVE_DIRECTORY: directory,
    LEDGER_OWNER_DATABASE_URL: ledger.database.ownerUrl,
  })
  const [job] = archiveMonths(config, ledger.keys)
  const context = { db: ledger.db, now: () => new Date('2027-09-15'), newId: v7, log, service: 'ledger' as const }
  const run = () =>
    job!.run({ ...context, signal: new AbortController().signal, transaction: () => Promise.reject(new Error('none')) })
  expect([await run(), await run(), await run()]).toEqual([true, true, false])
  expect(readdirSync(directory)).toHaveLength(2)
})
