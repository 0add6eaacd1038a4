import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

/** The half of a signing key that everybody may have. `id` is the start of the SHA-256 of its SPKI bytes. */
export type PublicKey = Readonly<{ id: string; pem: string; key: KeyObject }>

/** What signs, and what signatures are checked with: its own public half first, then those that signed before. */
export type SigningKeys = Readonly<{ own: PublicKey; privateKey: KeyObject; all: readonly PublicKey[] }>

/** Null where the text is no Ed25519 private key, PKCS#8 in PEM or the base64 of that. */
export function readPrivateKey(text: string): KeyObject | null {
  return ed25519(() => createPrivateKey(unwrapped(text)))
}

/** Null where the text is no Ed25519 public key, SPKI in PEM or the base64 of that; a private one is none. */
export function readPublicKey(text: string): PublicKey | null {
  const pem = unwrapped(text)
  const key = pem.includes('PRIVATE KEY') ? null : ed25519(() => createPublicKey(pem))
  return key && toPublicKey(key)
}

/** Every public key in a file of PEM blocks; null where one cannot be read or there is none. */
export function readPublicKeys(text: string): readonly PublicKey[] | null {
  const blocks = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? []
  const keys = blocks.map(readPublicKey)
  return keys.length > 0 && keys.every((key) => key !== null) ? keys : null
}

export function newSigningKeys(current: string, retired: readonly string[] = []): SigningKeys {
  const privateKey = readPrivateKey(current)
  const others = retired.map(readPublicKey)
  if (privateKey === null || !others.every((key) => key !== null)) throw new Error('a signing key cannot be read')
  const own = toPublicKey(createPublicKey(privateKey))
  return { own, privateKey, all: [own, ...others] }
}

function toPublicKey(key: KeyObject): PublicKey {
  const spki = key.export({ type: 'spki', format: 'der' })
  const id = createHash('sha256').update(spki).digest('hex').slice(0, 16)
  return { id, pem: key.export({ type: 'spki', format: 'pem' }).toString(), key }
}

function unwrapped(text: string): string {
  return text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('utf8')
}

function ed25519(read: () => KeyObject): KeyObject | null {
  try {
    const key = read()
    return key.asymmetricKeyType === 'ed25519' ? key : null
  } catch {
    return null
  }
}
