import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** Seals texts before they are stored, and opens them. What it is for is sealed along: one cannot stand for another. */
export type Sealing = Readonly<{
  /** Of the key that seals: the first 8 hexadecimal digits of a digest of it. */
  keyId: string
  seal(purpose: string, text: string): Buffer
  /** Throws where it was sealed with a key we do not have, for another purpose, or was changed. */
  open(purpose: string, sealed: Buffer): string
}>

/** What was sealed cannot be opened with the keys we have. */
export class UnsealError extends Error {}

const VERSION = 1
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES

/**
 * AES-256-GCM envelopes: version, key id, nonce, tag, text. `keys` are base64 with commas between; the first one seals,
 * all of them open, so a key is replaced by putting a new one before it.
 */
export function newSealing(keys: string): Sealing {
  const ring = keys.split(',').map((text) => {
    const key = Buffer.from(text, 'base64')
    return { key, id: createHash('sha256').update('key id').update(key).digest().subarray(0, KEY_ID_BYTES) }
  })
  return {
    keyId: ring[0]!.id.toString('hex'),
    seal(purpose, text) {
      const { key, id } = ring[0]!
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.from([VERSION]), id, nonce, cipher.getAuthTag(), sealed])
    },
    open(purpose, sealed) {
      if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) throw new UnsealError('not a sealed text')
      const id = sealed.subarray(1, 1 + KEY_ID_BYTES)
      const found = ring.find((one) => one.id.equals(id))
      if (!found) throw new UnsealError('sealed with a key that SECRETS_KEY does not hold')
      const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES - TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', found.key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(HEAD_BYTES - TAG_BYTES, HEAD_BYTES))
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8')
    },
  }
}
