import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'

/** What is kept of a secret. */
export type SecretHash = Readonly<{ salt: Buffer; hash: Buffer }>

// 4 MiB and some 10 ms a try. Secrets of clients are generated, not chosen, so their length is what protects them; more would
// only stay resident in every thread that ever checked one (16 MiB each took this process from 130 to 220 MB).
const cost: ScryptOptions = { N: 4_096, r: 8, p: 1 }
const HASH_BYTES = 32

export async function hashSecret(secret: string): Promise<SecretHash> {
  const salt = randomBytes(16)
  return { salt, hash: await derive(secret, salt) }
}

/** In constant time; without a hash (an unknown client) it costs as much and answers false. */
export async function secretMatches(secret: string, known: SecretHash | null): Promise<boolean> {
  const hash = await derive(secret, known?.salt ?? noSalt)
  return timingSafeEqual(hash, known?.hash ?? noHash) && known !== null
}

const noSalt = Buffer.alloc(16)
const noHash = Buffer.alloc(HASH_BYTES)

function derive(secret: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, HASH_BYTES, cost, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}
