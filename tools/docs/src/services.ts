import { generateKeyPairSync } from 'node:crypto'
import { admin, configShape as adminShape } from '@tributary/admin'
import { fraud, configShape as fraudShape } from '@tributary/fraud'
import { ingest, configShape as ingestShape } from '@tributary/ingest'
import { ledger, configShape as ledgerShape } from '@tributary/ledger'
import { payouts, configShape as payoutsShape } from '@tributary/payouts'
import { rewards, configShape as rewardsShape } from '@tributary/rewards'
import { kitShape, loadConfig, type Service } from '@tributary/service-kit'
import type { z } from 'zod'

/** The variables each service reads beyond those of every service. */
export const ownShapes: Readonly<Record<string, z.ZodObject>> = {
  ingest: ingestShape,
  rewards: rewardsShape,
  ledger: ledgerShape,
  payouts: payoutsShape,
  fraud: fraudShape,
  admin: adminShape,
}

const newEd25519Key = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** Every service's table of contents, made with a configuration that connects to nothing. */
export function allServices(): Service[] {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const env = {
    HTTP_PORT: '0',
    DATABASE_URL: 'postgres://nobody@localhost/nothing',
    AMQP_URL: 'amqp://localhost',
    AUTH_ISSUER: 'http://localhost',
    AUTH_JWKS_URL: 'http://localhost',
    SECRETS_KEY: Buffer.alloc(32).toString('base64'),
    ADMIN_SIGNING_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    LEDGER_SIGNING_KEY: newEd25519Key(),
    INGEST_SIGNING_KEY: newEd25519Key(),
  }
  const read = <S extends z.ZodObject>(shape: S) => ({ ...loadConfig(kitShape, env), ...loadConfig(shape, env) })
  return [
    ingest(read(ingestShape)),
    rewards(read(rewardsShape)),
    ledger(read(ledgerShape)),
    payouts(),
    fraud(),
    admin(read(adminShape)),
  ]
}
