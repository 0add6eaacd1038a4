import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { admin } from '@tributary/admin'
import * as contracts from '@tributary/contracts'
import { fraud } from '@tributary/fraud'
import { ingest } from '@tributary/ingest'
import { ledger } from '@tributary/ledger'
import { payouts } from '@tributary/payouts'
import { rewards } from '@tributary/rewards'
import { describe, expect, it } from 'vitest'
import { eventMap, eventPage, faultsOf } from './events.ts'
import { root } from './project.ts'

const signingKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const ledgerKey = generateKeyPairSync('ed25519').privateKey

/** Made, never started: a table of contents opens nothing. */
const services = [
  ingest({
    SECRETS_KEY: Buffer.alloc(32).toString('base64'),
    INITIAL_PLAN: 'free',
    INGEST_SIGNING_KEY: ledgerKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    INTAKE_BATCH_MAX: 1,
    INGEST_RELEASES_PER_SECOND: 500,
    INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: 1,
    INGEST_RATE_LIMIT_SOURCE_PER_SECOND: 1,
    INGEST_RATE_LIMIT_PER_SECOND: 1,
  }),
  rewards({ REWARDS_RELEASE_EVERY_MS: 1_000 }),
  ledger({
    LEDGER_SIGNING_KEY: ledgerKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    LEDGER_ADJUSTMENT_APPROVAL_ABOVE: 10_000,
    LEDGER_CLEARING_MAX_AGE_DAYS: 7,
  }),
  fraud(),
  payouts(),
  admin({
    ADMIN_SIGNING_KEY: signingKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    AUTH_ISSUER: 'https://issuer.test',
  }),
]

/** Every event that libs/contracts defines. */
const defined = (Object.values(contracts) as unknown[]).filter(
  (value): value is contracts.EventDefinition =>
    typeof value === 'object' && value !== null && 'type' in value && 'data' in value && 'description' in value,
)

/** Who hears these is ready for what is to come: fraud's other answers, holds by people and by fraud, and cashouts. */
const toCome = [
  'ingest,ledger hears cashout.cancelled, which nobody publishes',
  'ingest,ledger hears cashout.failed, which nobody publishes',
  'ingest,ledger hears cashout.paid, which nobody publishes',
  'ingest,ledger hears cashout.rejected, which nobody publishes',
  'ingest,ledger hears cashout.requested, which nobody publishes',
  'ingest,ledger hears cashout.returned, which nobody publishes',
  'ingest,rewards hears screening.failed, which nobody publishes',
  'ingest,rewards hears screening.held, which nobody publishes',
]

describe('the services', () => {
  it('understand each other: what is consumed is published, by one, and bound', () => {
    expect(defined.length).toBeGreaterThan(10)
    expect(faultsOf(services, contracts.serviceContracts, defined).sort()).toEqual(toCome)
  })

  it('are what docs/events.md says (UPDATE=1 rewrites it)', () => {
    const page = eventPage(eventMap(services))
    const file = join(root, 'docs/events.md')
    if (process.env.UPDATE === '1') writeFileSync(file, page)
    expect(readFileSync(file, 'utf8')).toBe(page)
  })
})
