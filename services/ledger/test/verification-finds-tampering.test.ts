import type { Transaction } from '@tributary/database'
import { v7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { verifyNextBatches } from '../src/steps/verify-new-entries.ts'
import { getProgress } from '../src/store/verification-progress.ts'
import { type BooksReport, checkBooks, usualConditions, verifyBooks } from '../src/store/verify-books.ts'
import { checkNextBatches, findNextBatches } from '../src/store/verify-new-entries.ts'
import {
  changedBesides,
  changedElsewhere,
  changedEnd,
  changedRows,
  everythingPosted,
  moveOn,
  type Plant,
} from './plants.ts'
import { type Ledger, openLedger } from './rig.ts'
import { tampered } from './tampering.ts'

const failures = (report: BooksReport) =>
  report.checks.filter(({ status }) => status !== 'passed').map(({ name }) => name)

/** What incremental verification finds as it would go on from where it has come to. */
async function checkNew(tx: Transaction): Promise<BooksReport> {
  const { verified } = await getProgress(tx)
  return checkNextBatches(tx, await findNextBatches(tx, verified.place), verified.comparedTo, usualConditions)
}

type Check = (tx: Transaction) => Promise<BooksReport>

/** Every plant with what should have noticed it and did not; all at once, so that a failure shows the whole picture. */
async function missed(ledger: Ledger, check: Check, plants: readonly Plant[]): Promise<[string, string[]][]> {
  const found: [string, string[]][] = []
  for (const [what, sql, ...noticed] of plants) {
    const report = await tampered(ledger, sql, check)
    const unnoticed = noticed.filter((name) => !failures(report).includes(name))
    if (unnoticed.length > 0 || report.status !== 'failed') found.push([what, unnoticed])
  }
  return found
}

async function verifyNew({ db }: Ledger): Promise<void> {
  const step = await verifyNextBatches({ db, now: () => new Date(), newId: () => v7(), clearingMaxAgeDays: 7 })
  expect(step).toMatchObject({ more: false, status: 'passed' })
}

const changed = [...changedRows('first'), ...changedRows('last'), ...changedEnd, ...changedBesides]

describe('what a superuser alters is found', () => {
  test('by a verification of everything, wherever it is', async () => {
    const ledger = await everythingPosted()
    expect(failures(await verifyBooks(ledger.db))).toEqual([])
    expect(await missed(ledger, (tx) => checkBooks(tx), [...changed, ...changedElsewhere])).toEqual([])
  })

  test('by the verification of what is new, in all that it has not seen before', async () => {
    const ledger = await everythingPosted()
    expect(failures(await tampered(ledger, 'select 1', checkNew))).toEqual([])
    expect(await missed(ledger, checkNew, changed)).toEqual([])
  })

  test('by the verification of what is new, after much that it has seen before', async () => {
    const ledger = await everythingPosted()
    await verifyNew(ledger)
    await moveOn(ledger)
    expect(failures(await tampered(ledger, 'select 1', checkNew))).toEqual([])
    expect(await missed(ledger, checkNew, [...changedRows('last'), ...changedEnd])).toEqual([])
  })

  test('what nothing new has touched waits for the next verification of everything', async () => {
    const ledger = await everythingPosted()
    await verifyNew(ledger)
    await moveOn(ledger)
    for (const [what, sql] of changedElsewhere) {
      expect([what, ...failures(await tampered(ledger, sql, checkNew))]).toEqual([what])
    }
    expect(await missed(ledger, (tx) => checkBooks(tx), changedElsewhere)).toEqual([])
  })
})

test('a check that cannot be run makes the verification incomplete, never passed', async () => {
  const ledger = await everythingPosted()
  const away = 'alter function body_hash(bytea, bytea, bytea, bytea) rename to away'
  for (const check of [(tx: Transaction) => checkBooks(tx), checkNew]) {
    const report = await tampered(ledger, away, check)
    expect(report.status).toBe('incomplete')
    expect(report.checks.filter(({ status }) => status === 'not_run').map(({ name }) => name)).toEqual([
      'batches_form_an_unbroken_chain',
    ])
  }
})

test('an empty ledger verifies, and says that it looked at nothing', async () => {
  const report = await verifyBooks((await openLedger()).db)
  expect(report).toMatchObject({
    status: 'passed',
    coverage: { batches: 0, transfers: 0, entries: 0 },
    driftAccounts: 0,
  })
})
