import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { noHash } from './bytes.ts'
import { type CheckpointClaim, checkpointText, faultsOfCheckpoint, signCheckpoint } from './checkpoint.ts'
import { newSigningKeys, readPrivateKey, readPublicKey, readPublicKeys } from './keys.ts'

const newKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const keys = newSigningKeys(newKey())

const claim: CheckpointClaim = {
  sequence: '1',
  firstBatch: '1',
  lastBatch: '7',
  chainHash: '11'.repeat(32),
  lastTransfer: '10',
  transfers: '10',
  treeRoot: '22'.repeat(32),
  postedUpTo: '2026-03-01T12:00:00.123456Z',
  signedAt: '2026-03-01T12:00:31.000000Z',
  previous: noHash,
}
const first = signCheckpoint(claim, keys)
const after = (changes: Partial<CheckpointClaim>, by = keys) =>
  signCheckpoint({ ...claim, sequence: '2', firstBatch: '8', lastBatch: '9', previous: first.hash, ...changes }, by)

test('a checkpoint follows from the one before, whoever signed it', () => {
  const faults = (row = first, before: typeof first | null = null) => faultsOfCheckpoint(row, before, keys.all)
  expect(faults()).toEqual([])
  expect(faults(after({}), first)).toEqual([])
  // All of these are properly signed by the right key: a signature alone proves no order.
  const signedAgain = signCheckpoint({ ...claim, signedAt: '2026-03-01T12:00:32.000000Z' }, keys)
  expect(faults(after({}), signedAgain)).toEqual(['does not follow from the checkpoint before it'])
  expect(faults(after({ sequence: '3' }), first)).toEqual(['is not checkpoint 2, which must come here'])
  expect(faults(after({ firstBatch: '9' }), first)).toEqual(['does not begin at batch 8'])
  expect(faults(after({ lastBatch: '7' }), first)).toEqual(['ends before it begins'])
  expect(faults(after({}))).toContain('does not follow from the checkpoint before it')
  expect(faults(after({}, newSigningKeys(newKey())), first)[0]).toMatch(/^is signed by [0-9a-f]{16}, which is none/)
  expect(faults({ ...first, hash: noHash })).toEqual(['has a hash that is not that of its text'])
  expect(faults({ ...first, signature: after({}).signature })).toEqual(['has a signature that does not fit'])
})

test('what is signed is plain text, line by line', () => {
  expect(checkpointText(first)).toBe(
    [
      'tributary-ledger-checkpoint 1',
      'sequence: 1',
      'first-batch: 1',
      'last-batch: 7',
      `chain-hash: ${'11'.repeat(32)}`,
      'last-transfer: 10',
      'transfers: 10',
      `tree-root: ${'22'.repeat(32)}`,
      'posted-up-to: 2026-03-01T12:00:00.123456Z',
      'signed-at: 2026-03-01T12:00:31.000000Z',
      `previous: ${noHash}`,
      `key-id: ${keys.own.id}`,
      '',
    ].join('\n'),
  )
})

test('keys are read in PEM or its base64; other kinds of keys, and private ones among the public, are refused', () => {
  const pem = newKey()
  expect(readPrivateKey(pem)).not.toBeNull()
  expect(readPrivateKey(Buffer.from(pem).toString('base64'))).not.toBeNull()
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(readPrivateKey(ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBeNull()
  expect(readPublicKey(ec.publicKey.export({ type: 'spki', format: 'pem' }).toString())).toBeNull()
  expect(readPublicKey(pem)).toBeNull()
  expect(['', 'x', keys.own.pem.slice(0, 40)].map(readPrivateKey)).toEqual([null, null, null])
  const other = newSigningKeys(newKey(), [Buffer.from(keys.own.pem).toString('base64')])
  expect(other.all.map(({ id }) => id)).toEqual([other.own.id, keys.own.id])
  expect(readPublicKeys(other.all.map((key) => key.pem).join('\n'))?.map(({ id }) => id)).toEqual(
    other.all.map(({ id }) => id),
  )
  expect(readPublicKeys(`${keys.own.pem}\n${pem}`)).toBeNull()
  expect(readPublicKeys('no key')).toBeNull()
})
