import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { newSigningKeys, readPrivateKey, readPublicKey, readPublicKeys } from './keys.ts'
import { faultsOfReceipt, signReceipt } from './receipt.ts'

const newKey = (type: 'ed25519' | 'x25519' = 'ed25519') =>
  generateKeyPairSync(type as 'ed25519')
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
const keys = newSigningKeys(newKey())
const body = Buffer.from('{}')
const accepted = {
  eventId: '01900000-0000-7000-8000-000000000001',
  source: 'default',
  webhookId: 'msg_1',
  type: 'subscription.paid',
  bodySha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  receivedAt: '2026-03-01T12:00:00.123Z',
}
const receipt = signReceipt(accepted, keys)

it('a receipt is checked with the public key and the body alone', () => {
  expect(faultsOfReceipt(JSON.parse(JSON.stringify(receipt)), keys.all, body)).toEqual([])
  expect(signReceipt(accepted, keys)).toEqual(receipt)
  const later = newSigningKeys(newKey(), [Buffer.from(keys.own.pem).toString('base64')])
  expect(faultsOfReceipt(receipt, later.all)).toEqual([])
})

it.each(Object.keys(receipt))('a receipt whose %s was changed proves nothing', (field) => {
  const changed = { ...receipt, [field]: field === 'signature' ? 'AAAA' : `${receipt[field as keyof typeof receipt]}0` }
  expect(faultsOfReceipt(changed, keys.all)).not.toEqual([])
  expect(faultsOfReceipt({ ...receipt, [field]: undefined }, keys.all)).toEqual([
    'it is no receipt: a field is missing',
  ])
})

it('a receipt of another key, or for another body, says so', () => {
  expect(faultsOfReceipt(receipt, newSigningKeys(newKey()).all)).toEqual([expect.stringMatching(/none of the keys/)])
  expect(faultsOfReceipt(receipt, keys.all, Buffer.from('{ }'))).toEqual(['it is for another body'])
  // A right signature over a text that says something else than the fields do.
  const other = signReceipt({ ...accepted, webhookId: 'msg_2' }, keys)
  expect(faultsOfReceipt({ ...other, webhookId: 'msg_1' }, keys.all)).toEqual([expect.stringMatching(/something else/)])
})

it('only Ed25519 keys are keys, and no private one is public', () => {
  expect(readPrivateKey(newKey('x25519'))).toBeNull()
  expect(readPrivateKey('nothing')).toBeNull()
  expect(readPublicKey(newKey())).toBeNull()
  expect(readPublicKeys(keys.own.pem + keys.own.pem)).toHaveLength(2)
  expect(readPublicKeys('')).toBeNull()
})
