import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPublicKeys } from '../src/proof/keys.ts'
import { verifyExport } from '../src/proof/verify-export.ts'
import { exportBooks } from '../src/steps/export-books.ts'
import { newKeys } from './keys.ts'
import { openLedger, request } from './rig.ts'
import { exported, failuresOf, sealAll, verified, workedLedger } from './sealed.ts'

const sample = join(import.meta.dirname, 'sample-export')

test('an export proves the books from its bytes and the public key alone', async () => {
  const ledger = await workedLedger()
  await sealAll(ledger)
  const report = await verified(await exported(ledger), [ledger.keys.own])
  expect(failuresOf(report)).toEqual([])
  expect(report.ok).toBe(true)
})

test('an empty ledger has an export, too', async () => {
  const ledger = { ...(await openLedger()), keys: newKeys() }
  const lines = await exported(ledger)
  expect(lines).toHaveLength(2)
  expect(failuresOf(await verified(lines, [ledger.keys.own]))).toEqual([])
})

test('what is posted and signed while an export is made is left out of it, whole', async () => {
  const ledger = await workedLedger()
  await sealAll(ledger)
  // Many pages, so that rows are read long after the head was fixed.
  for (let batch = 0; batch < 2; batch++) await ledger.post(...Array.from({ length: 3_000 }, () => request('earn')))
  const chunks = exportBooks({ db: ledger.db, now: () => new Date(), keys: ledger.keys })
  let text = String((await chunks.next()).value)
  await ledger.post(request('earn'))
  await sealAll(ledger)
  for await (const chunk of chunks) text += chunk
  const report = await verified(text.trimEnd().split('\n'), [ledger.keys.own])
  expect(failuresOf(report)).toEqual([])
  expect(report.head?.lastTransfer).toBe('6010')
})

test('an export that was made by the first release that could still verifies', async () => {
  const keys = readPublicKeys(readFileSync(join(sample, 'keys.pem'), 'utf8'))!
  const file = createReadStream(join(sample, 'books.ndjson'))
  const report = await verifyExport(file, keys, createReadStream(join(sample, 'anchor.jsonl')))
  expect(failuresOf(report)).toEqual([])
  expect(report.head).toMatchObject({ headBatch: '8', lastTransfer: '11', lastCheckpoint: '2' })
})
