import { type Database, openDatabase, query } from '@tributary/database'
import { v7 } from 'uuid'
import { describe, expect, onTestFinished, test } from 'vitest'
import { verifyEverything } from '../src/steps/verify-everything.ts'
import { type VerifiedStep, verifyNextBatches } from '../src/steps/verify-new-entries.ts'
import { findTrialBalance } from '../src/store/trial-balance.ts'
import { getProgress } from '../src/store/verification-progress.ts'
import { type Ledger, openLedger, request } from './rig.ts'

const HOUR_MS = 3_600_000
const noProofs = async () => ({ names: [], run: async () => ({ checks: [], notCovered: [] }) })

type Clerk = Readonly<{
  ledger: Ledger
  pass(ms: number): void
  /** One step of the job. */
  step(): Promise<VerifiedStep | null>
  /** Steps until there is no more. */
  verify(): Promise<VerifiedStep | null>
  verifyAll(): Promise<string>
  rows(): Promise<[kind: string, status: string, from: number, to: number][]>
  /** What a superuser does who switches triggers off. */
  tamper(sql: string): Promise<void>
}>

async function openClerk(): Promise<Clerk> {
  const ledger = await openLedger()
  let now = new Date()
  const verifier = { db: ledger.db, now: () => now, newId: () => v7(), clearingMaxAgeDays: 7 }
  const step = () => verifyNextBatches(verifier)
  return {
    ledger,
    pass(ms) {
      now = new Date(now.getTime() + ms)
    },
    step,
    async verify() {
      let last = await step()
      while (last?.more) last = await step()
      return last
    },
    verifyAll: async () => (await verifyEverything(verifier, noProofs)).report.status,
    async rows() {
      const rows = await query<{ kind: string; status: string; from: number; to: number }>(
        ledger.database.db,
        'select kind, status, from_batch::int as from, to_batch::int as to from verifications order by started_at, id',
      )
      return rows.map(({ kind, status, from, to }) => [kind, status, from, to])
    },
    tamper: (sql) =>
      ledger.database.db.transaction(async (tx) => {
        await tx.raw('set local session_replication_role = replica')
        await tx.raw(sql)
      }),
  }
}

const LIFE = 7
/** A reward's and a cashout's whole life, in so many batches. */
async function live({ ledger }: Clerk): Promise<void> {
  const one = request('earn')
  const cashout = request('reserve', { userId: one.userId, amount: 30n })
  await ledger.post(one, request('earn', { currency: 'EUR' }))
  await ledger.post({ ...one, kind: 'hold', causeId: v7() })
  await ledger.post({ ...one, kind: 'resume', causeId: v7(), sequence: 2 }, { ...one, kind: 'release', causeId: v7() })
  await ledger.post(cashout)
  await ledger.post({ ...cashout, kind: 'settle', causeId: v7() }, { ...one, kind: 'reverse', causeId: v7() })
}

const progress = async (db: Database) => {
  const { status, verified } = await getProgress(db)
  return [status, Number(verified.place.batch)]
}

test('each batch is verified once, and a row an hour says that nothing happened', async () => {
  const clerk = await openClerk()
  const { ledger } = clerk
  await clerk.verify()
  for (let round = 0; round < 3; round++) {
    await live(clerk)
    expect(await clerk.verify()).toEqual({ more: false, status: 'passed', told: null })
    clerk.pass(60_000)
  }
  expect(await progress(ledger.db)).toEqual(['passed', 3 * LIFE])
  expect(await clerk.rows()).toEqual([['incremental', 'passed', 1, 0]])
  clerk.pass(HOUR_MS)
  await live(clerk)
  const last = await clerk.verify()
  expect(await clerk.rows()).toEqual([
    ['incremental', 'passed', 1, 0],
    ['incremental', 'passed', 1, 4 * LIFE],
  ])
  const { kinds } = await getProgress(ledger.db)
  expect(kinds).toHaveLength((await findTrialBalance(ledger.db)).length)
  expect(kinds).toEqual(expect.arrayContaining(await findTrialBalance(ledger.db)))
  const { transfers, entries } = last!.told!.report.coverage
  expect(entries).toBe(2 * transfers)
  expect([{ transfers }]).toEqual(await query(ledger.db, 'select count(*)::int as transfers from transfers'))
  expect(last!.told!.report.checks.every(({ status }) => status === 'passed')).toBe(true)
})

test('more batches than a step takes are verified in several, positions at the end', async () => {
  const clerk = await openClerk()
  for (let round = 0; round < 60; round++) await live(clerk)
  expect(await clerk.step()).toMatchObject({ more: true, status: 'passed' })
  expect(await progress(clerk.ledger.db)).toEqual(['passed', 200])
  expect(await clerk.step()).toMatchObject({ more: true, status: 'passed' })
  const { told } = (await clerk.step())!
  expect(await progress(clerk.ledger.db)).toEqual(['passed', 60 * LIFE])
  const positions = told!.report.checks.find(({ name }) => name === 'positions_equal_their_transfers')
  expect(positions).toMatchObject({ status: 'passed', checked: 120 })
})

describe('a range that fails', () => {
  test('stays failed, whatever is posted after it, until everything was verified and found sound', async () => {
    const clerk = await openClerk()
    const { db } = clerk.ledger
    await live(clerk)
    await clerk.verify()
    await live(clerk)
    await clerk.tamper('update balances set credits = credits + 1 where account_id = (select max(id) from accounts)')
    expect(await clerk.verify()).toMatchObject({ status: 'failed', told: { fromBatch: 8n, toBatch: 14n } })
    await live(clerk)
    clerk.pass(60_000)
    expect(await clerk.verify()).toEqual({ more: false, status: 'failed', told: null })
    expect(await progress(db)).toEqual(['failed', LIFE])
    // What is still wrong is told again after an hour, and a verification of everything fails on it, too.
    clerk.pass(HOUR_MS)
    expect(await clerk.verify()).toMatchObject({ status: 'failed', told: { kind: 'incremental' } })
    expect(await clerk.verifyAll()).toBe('failed')
    expect(await progress(db)).toEqual(['failed', LIFE])

    await clerk.tamper(`update balances set credits =
      (select coalesce(sum(amount), 0) from ledger_entries where ledger_entries.account_id = balances.account_id and side = 'C')`)
    expect(await clerk.verify()).toMatchObject({ status: 'failed' })
    expect(await clerk.verifyAll()).toBe('passed')
    expect(await progress(db)).toEqual(['passed', 0])
    await clerk.verify()
    expect(await progress(db)).toEqual(['passed', 3 * LIFE])
  })

  test('by what was carried along begins anew after that, and is right again', async () => {
    const clerk = await openClerk()
    const one = request('earn')
    await clerk.ledger.post(one)
    await clerk.verify()
    await clerk.tamper('update verified_rewards set pending = pending + 1')
    await clerk.ledger.post({ ...one, kind: 'release', causeId: v7() })
    expect(await clerk.verify()).toMatchObject({ status: 'failed' })
    expect(await clerk.verifyAll()).toBe('passed')
    expect(await clerk.verify()).toMatchObject({ status: 'passed' })
    expect(await progress(clerk.ledger.db)).toEqual(['passed', 2])
  })

  test('because it could not be finished is tried again, and does not move on meanwhile', async () => {
    const clerk = await openClerk()
    await clerk.verify()
    await live(clerk)
    const { db: superuser } = clerk.ledger.database
    await query(superuser, 'alter function body_hash(bytea, bytea, bytea, bytea) rename to away')
    expect(await clerk.verify()).toMatchObject({ status: 'incomplete', told: { kind: 'incremental' } })
    expect(await clerk.verify()).toMatchObject({ status: 'incomplete', told: null })
    expect(await progress(clerk.ledger.db)).toEqual(['incomplete', 0])
    await query(superuser, 'alter function away(bytea, bytea, bytea, bytea) rename to body_hash')
    expect(await clerk.verify()).toMatchObject({ status: 'passed' })
    expect(await progress(clerk.ledger.db)).toEqual(['passed', LIFE])
  })
})

test('several processes verify each batch once, while others post', async () => {
  const clerk = await openClerk()
  const { ledger } = clerk
  const posting = (async () => {
    for (let round = 0; round < 30; round++) await live(clerk)
  })()
  const verifying = Array.from({ length: 3 }, async () => {
    const db = openDatabase({ url: ledger.database.url, applicationName: 'test', poolMax: 2 })
    onTestFinished(() => db.destroy())
    for (let round = 0; round < 15; round++) {
      const step = await verifyNextBatches({ db, now: () => new Date(), newId: () => v7(), clearingMaxAgeDays: 7 })
      expect(step?.status ?? 'passed').toBe('passed')
    }
  })
  await Promise.all([posting, ...verifying])
  await clerk.verify()
  expect(await progress(ledger.db)).toEqual(['passed', 30 * LIFE])
})
