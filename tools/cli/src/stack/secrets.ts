import { createHmac, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { newSecret, readJson, writeJson } from '@tributary/servers'
import { Failure } from '../arguments.ts'
import { places } from '../places.ts'

/** Everything secret about a local stack; generated on first run, never shipped. */
export interface Secrets {
  /** Standard Webhooks: signs what senders send. */
  readonly webhookSecret: string
  /** base64, 32 bytes: encrypts what services keep at rest. */
  readonly secretsKey: string
  /** PKCS #8 PEM, P-256: signs tokens. */
  readonly signingKey: string
  /** PKCS #8 PEM, Ed25519: signs the ledger's checkpoints and exports. */
  readonly ledgerSigningKey: string
  /** PKCS #8 PEM, Ed25519: signs ingest's receipts. */
  readonly ingestSigningKey: string
  /** The client that `./tributary token` acts as. */
  readonly clientId: string
  readonly clientSecret: string
  readonly console: { readonly email: string; readonly password: string }
  /** The passwords of database roles and broker users are derived from it. */
  readonly passwordKey: string
}

export function readSecrets(): Secrets | undefined {
  return readJson<Secrets>(places.secrets)
}

/** The secrets of this checkout, made when there are none. */
export function ensureSecrets(): Secrets {
  const kept = readSecrets()
  if (kept !== undefined) return completed(kept)
  if (existsSync(places.secrets))
    throw new Failure(`${places.secrets} is damaged: restore it, or start anew with up --fresh`)
  const secrets = create()
  writeJson(places.secrets, secrets)
  return secrets
}

/** What an earlier release did not have is added: one that is kept is never made anew. */
function completed(kept: Secrets): Secrets {
  const secrets = {
    ...kept,
    ledgerSigningKey: kept.ledgerSigningKey ?? newEd25519Key(),
    ingestSigningKey: kept.ingestSigningKey ?? newEd25519Key(),
  }
  if (kept.ledgerSigningKey === undefined || kept.ingestSigningKey === undefined) writeJson(places.secrets, secrets)
  return secrets
}

/** The password of a database role or broker user: the same at every run, and none tells another one. */
export function passwordOf(secrets: Secrets, name: string): string {
  return createHmac('sha256', secrets.passwordKey).update(name).digest('base64url')
}

function create(): Secrets {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
    secretsKey: randomBytes(32).toString('base64'),
    signingKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ledgerSigningKey: newEd25519Key(),
    ingestSigningKey: newEd25519Key(),
    clientId: 'local-cli',
    clientSecret: newSecret(),
    console: { email: 'owner@tributary.local', password: newSecret() },
    passwordKey: newSecret(),
  }
}

function newEd25519Key(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Puts the public halves of the keys that sign where `verify` looks for them. They are no secrets. */
export function writePublicKeys({ ledgerSigningKey, ingestSigningKey }: Secrets): void {
  const write = (file: string, key: string) =>
    writeFileSync(file, createPublicKey(key).export({ type: 'spki', format: 'pem' }), { mode: 0o644 })
  write(places.ledgerPublicKeys, ledgerSigningKey)
  write(places.ingestPublicKeys, ingestSigningKey)
}
