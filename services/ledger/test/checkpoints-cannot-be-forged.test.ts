import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, query } from '@tributary/database'
import { newLogger } from '@tributary/observability'
import { expect, onTestFinished, test } from 'vitest'
import { proofChecks } from '../src/steps/proof-checks.ts'
import { sealNext } from '../src/steps/seal.ts'
import { signNextCheckpoint } from '../src/steps/sign-checkpoint.ts'
import { findLatestCheckpoint, listCheckpointsAfter } from '../src/store/checkpoints.ts'
import { type BooksReport, checkBooks, usualConditions, verifyBooks } from '../src/store/verify-books.ts'
import { newKeys } from './keys.ts'
import { openLedger, request } from './rig.ts'
import { type Sealed, sealAll, workedLedger } from './sealed.ts'
import { cutTail, raisedAmount, rewrittenChain, tampered } from './tampering.ts'

function newAnchor(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-anchor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'anchor.jsonl')
}

/** Seven batches under one checkpoint, and one more under a second. */
async function sealedTwice(anchor: string): Promise<Sealed> {
  const ledger = await workedLedger()
  await sealAll(ledger, anchor)
  await ledger.post(request('earn'))
  await sealAll(ledger, anchor)
  return ledger
}

const failures = (report: BooksReport) =>
  report.checks.filter(({ status }) => status !== 'passed').map(({ name }) => name)
const proofNames = ['checkpoints_are_signed_and_chained', 'checkpoints_match_the_chain', 'the_anchor_agrees']

/** What only the signatures and the anchor show: the tables agree with each other. */
const forgeries: readonly (readonly [what: string, sql: string, ...noticed: string[]])[] = [
  ['the chain rewritten', raisedAmount + rewrittenChain, 'checkpoints_match_the_chain'],
  ['the end cut off', cutTail, 'checkpoints_match_the_chain'],
  ['the end cut off with its checkpoint', `${cutTail} delete from checkpoints where sequence = 2`, 'the_anchor_agrees'],
  ['all checkpoints removed', 'delete from checkpoints', 'the_anchor_agrees'],
  [
    'the first checkpoint removed',
    'delete from checkpoints where sequence = 1',
    'checkpoints_are_signed_and_chained',
    'the_anchor_agrees',
  ],
  [
    'a checkpoint altered',
    'update checkpoints set transfers = transfers + 1 where sequence = 2',
    'checkpoints_are_signed_and_chained',
    'checkpoints_match_the_chain',
  ],
  [
    'a root altered',
    `update checkpoints set tree_root = sha256('') where sequence = 2`,
    'checkpoints_are_signed_and_chained',
  ],
  [
    'a signature altered',
    `update checkpoints set signature = overlay(signature placing '\\x00' from 1 for 1) where sequence = 2`,
    'checkpoints_are_signed_and_chained',
  ],
  [
    'an old one replayed as a new one',
    `update checkpoints n set signature = o.signature, hash = o.hash from checkpoints o where n.sequence = 2 and o.sequence = 1`,
    'checkpoints_are_signed_and_chained',
    'the_anchor_agrees',
  ],
  [
    'one before the first',
    `insert into checkpoints select 0, -5, -1, chain_hash, 0, 0, tree_root, posted_up_to, signed_at, previous, key_id, hash, signature from checkpoints where sequence = 1`,
    'checkpoints_are_signed_and_chained',
    'checkpoints_match_the_chain',
  ],
]

test('the ledger finds by itself what only signatures and the anchor can show', async () => {
  const anchor = newAnchor()
  const ledger = await sealedTwice(anchor)
  const sound = await verifyBooks(ledger.db, usualConditions, await proofChecks(ledger.keys, anchor))
  expect(sound.status).toBe('passed')
  expect(sound.checks.filter(({ name }) => proofNames.includes(name)).map(({ checked }) => checked)).toEqual([2, 2, 2])
  expect(sound.coverage.notCovered).toEqual([])
  const more = await proofChecks(ledger.keys, anchor)
  for (const [what, sql, ...noticed] of forgeries) {
    const report = await tampered(ledger, sql, (tx) => checkBooks(tx, usualConditions, more))
    expect(failures(report), what).toEqual(expect.arrayContaining(noticed))
    expect(report.status, what).toBe('failed')
  }
  const anew = await tampered(ledger, `${raisedAmount} ${rewrittenChain} delete from checkpoints`, async (db) => {
    await sealAll({ db, keys: newKeys() })
    return checkBooks(db, usualConditions, more)
  })
  expect(failures(anew)).toEqual(['checkpoints_are_signed_and_chained', 'the_anchor_agrees'])
})

test('an anchor that is gone, altered or has lines of its own is found; without one the report says what it cannot show', async () => {
  const anchor = newAnchor()
  const ledger = await sealedTwice(anchor)
  const check = async (keys = ledger.keys, file: string | undefined = anchor) =>
    verifyBooks(ledger.db, usualConditions, await proofChecks(keys, file))
  const whole = readFileSync(anchor, 'utf8')
  writeFileSync(anchor, whole.replaceAll('"transfers":"1"', '"transfers":"2"'))
  expect(failures(await check())).toEqual(['the_anchor_agrees'])
  writeFileSync(anchor, `${whole}${whole.slice(0, 50)}\n{"type":"end","lines":{}}\n`)
  expect(failures(await check())).toEqual(['the_anchor_agrees'])
  rmSync(anchor)
  expect(failures(await check())).toEqual(['the_anchor_agrees'])
  const without = await verifyBooks(ledger.db, usualConditions, await proofChecks(ledger.keys, undefined))
  expect(without.status).toBe('passed')
  expect(without.coverage.notCovered).toEqual([expect.stringMatching(/needs an anchor outside this database/)])
  expect(failures(await check(newKeys()))).toContain('checkpoints_are_signed_and_chained')
  await ledger.post(request('earn'))
  expect((await check()).coverage.notCovered[0]).toMatch(/^the last 1 batches/)
})

test('a checkpoint covers about 10,000 transfers and at least a batch, and says when more is left', async () => {
  const ledger = await openLedger()
  const keys = newKeys()
  const many = () => Array.from({ length: 4_000 }, () => request('earn'))
  for (let batch = 0; batch < 3; batch++) await ledger.post(...many())
  const step = () => signNextCheckpoint({ db: ledger.db, now: () => new Date(), keys })
  expect(await step()).toMatchObject({
    row: { sequence: '1', firstBatch: '1', lastBatch: '2', transfers: '8000' },
    more: true,
  })
  expect(await step()).toMatchObject({
    row: { sequence: '2', firstBatch: '3', lastBatch: '3', transfers: '4000' },
    more: false,
  })
  expect(await step()).toBeNull()
})

test('several processes that sign at once make one row of checkpoints, and one anchor', async () => {
  const anchor = newAnchor()
  const ledger = await workedLedger()
  const log = newLogger('ledger', 'silent')
  const seal = () => sealNext({ db: ledger.db, now: () => new Date(), keys: ledger.keys, log, anchorFile: anchor })
  for (let round = 0; round < 5; round++) {
    await ledger.post(request('earn'))
    await Promise.all([seal(), seal(), seal()])
  }
  await sealAll(ledger, anchor)
  const report = await verifyBooks(ledger.db, usualConditions, await proofChecks(ledger.keys, anchor))
  expect(failures(report)).toEqual([])
  expect((await findLatestCheckpoint(ledger.db))?.lastBatch).toBe('12')
})

test('a crash between signing and anchoring is caught up, whole lines only', async () => {
  const anchor = newAnchor()
  const ledger = await sealedTwice(anchor)
  const [first, second] = readFileSync(anchor, 'utf8').trimEnd().split('\n') as [string, string]
  // Never written; written in part; cut short so far that nothing is left.
  for (const left of [`${first}\n`, `${first}\n${second.slice(0, 100)}`, first.slice(0, 10), '']) {
    writeFileSync(anchor, left)
    await sealAll(ledger, anchor)
    const report = await verifyBooks(ledger.db, usualConditions, await proofChecks(ledger.keys, anchor))
    expect(failures(report), JSON.stringify(left)).toEqual([])
    expect(readFileSync(anchor, 'utf8').trimEnd().split('\n').at(-1)).toBe(second)
  }
  await ledger.post(request('earn'))
  await sealAll(ledger)
  await sealAll(ledger, anchor)
  expect(readFileSync(anchor, 'utf8').trimEnd().split('\n').at(-1)).toContain('"sequence":"3"')
})

test('nothing is signed over books that were altered, or that know less than the anchor', async () => {
  const anchor = newAnchor()
  const ledger = await sealedTwice(anchor)
  await ledger.post(request('earn'))
  const signing = (sql: string, anchorFile?: string) =>
    tampered(ledger, sql, (db) => sealAll({ db, keys: ledger.keys }, anchorFile))
  await expect(signing('update transfers set amount = amount + 1 where number = 12')).rejects.toThrow(
    /batch 9 has a body/,
  )
  await expect(
    signing(`insert into causes (cause_id, posted_at, fingerprint, outcome, reason, transfer_ids)
    select gen_random_uuid(), posted_at - interval '1 microsecond', sha256(''), 'refused', 'x', '{}' from batches where number = 9`),
  ).rejects.toThrow(/belongs to no batch/)
  await expect(signing(raisedAmount + rewrittenChain)).rejects.toThrow(/no longer what checkpoint 2 says/)
  await expect(
    signing('delete from batches where number = 9; update ledger_head set batch = 8'),
  ).resolves.toBeUndefined()
  await expect(signing('delete from checkpoints where sequence = 2', anchor)).rejects.toThrow(
    /anchor has checkpoint 2.*database has none/,
  )
  appendFileSync(anchor, 'no line of ours\n'.repeat(6_000))
  await expect(sealAll(ledger, anchor)).rejects.toThrow(/is no anchor file/)
})

test('the database refuses a gap, an overlap, another chain, and every change', async () => {
  const ledger = await sealedTwice(newAnchor())
  const owner = openDatabase({ url: ledger.database.ownerUrl, applicationName: 'test', poolMax: 1 })
  onTestFinished(() => owner.destroy())
  const next = (changes: string) => `insert into checkpoints select ${changes} from checkpoints where sequence = 2`
  const rest = 'posted_up_to, signed_at, previous, key_id, hash, signature'
  for (const sql of [
    next(`4, 9, 9, chain_hash, last_transfer, 0, tree_root, ${rest}`),
    next(`3, 8, 8, chain_hash, last_transfer, 0, tree_root, ${rest}`),
    next(`3, 10, 10, chain_hash, last_transfer, 0, tree_root, ${rest}`),
    next(`3, 9, 9, sha256(''), last_transfer, 0, tree_root, ${rest}`),
    next(`2, 8, 8, chain_hash, last_transfer, transfers, tree_root, ${rest}`),
  ]) {
    await expect(query(ledger.db, sql), sql).rejects.toMatchObject({ code: '23514' })
  }
  for (const sql of ['update checkpoints set key_id = key_id', 'delete from checkpoints', 'truncate checkpoints']) {
    await expect(query(ledger.db, sql), sql).rejects.toMatchObject({ code: '42501' })
    await expect(query(owner, sql), sql).rejects.toMatchObject({ code: '23001' })
  }
  expect(await listCheckpointsAfter(ledger.db, '0', 10)).toHaveLength(2)
})
