import { generateKeyPairSync } from 'node:crypto'
import { newSigningKeys, type SigningKeys } from '../src/proof/keys.ts'

/** A signing key of its own, as the environment would give it. */
export function newSigningKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export const newKeys = (): SigningKeys => newSigningKeys(newSigningKey())
