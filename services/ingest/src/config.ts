import { plans } from '@tributary/contracts'
import { z } from 'zod'
import { readPrivateKey, readPublicKey } from './proof/keys.ts'
import { parseSecret } from './providers/standard-webhooks.ts'

/** A secret whose characters are the key. */
export const adapterSecretField = z
  .string()
  .regex(/^[\x21-\x7e]{16,256}$/, { error: 'must be 16 to 256 printable characters without blanks' })

const perSecond = z.coerce.number().int().min(1).max(10_000_000)

const key = '[A-Za-z0-9+/]{43}='

const firstSecret = (whose: string) =>
  adapterSecretField
    .optional()
    .describe(`The first secret ${whose}; kept sealed in the database from the first start on, then unused.`)

/** What ingest reads from its environment beyond what every service reads. */
export const configShape = z.object({
  WEBHOOK_SECRET: z
    .string()
    .refine((text) => parseSecret(text) !== null, { error: 'must be whsec_ and the base64 of 24 to 64 bytes' })
    .optional()
    .describe(
      'The first secret of the webhook sender; kept sealed in the database from the first start on, then unused. Default: a random one; rotating shows the next.',
    ),
  INITIAL_PLAN: z
    .enum(plans)
    .default('free')
    .describe('The plan at the first start; kept in the database from then on, then unused.'),
  STRIPE_WEBHOOK_SECRET: firstSecret('of the adapter for Stripe'),
  SHOPIFY_WEBHOOK_SECRET: firstSecret('of the adapter for Shopify'),
  GITHUB_STYLE_WEBHOOK_SECRET: firstSecret('of the adapter for senders with X-Hub-Signature-256'),
  SECRETS_KEY: z
    .string()
    .regex(new RegExp(`^${key}(,${key})*$`), { error: 'must be the base64 of 32 bytes' })
    .describe(
      'Seals secrets in the database (AES-256-GCM): the base64 of 32 bytes. Older keys may follow, with commas between.',
    ),
  INGEST_SIGNING_KEY: z
    .string()
    .refine((text) => readPrivateKey(text) !== null, {
      error: 'must be an Ed25519 private key, PKCS#8 in PEM, or the base64 of that',
    })
    .describe('Signs receipts: an Ed25519 private key, PKCS#8 in PEM, or the base64 of that.'),
  INGEST_RETIRED_PUBLIC_KEYS: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(
      z
        .array(
          z.string().refine((text) => readPublicKey(text) !== null, {
            error: 'must be Ed25519 public keys, SPKI in PEM as base64, comma-separated',
          }),
        )
        .max(50),
    )
    .optional()
    .describe('Public halves of keys that signed receipts before, comma-separated base64 of their PEM.'),
  INGEST_RETENTION_DAYS: z.coerce
    .number()
    .int()
    // The database keeps the last 30 days whatever it is asked for; replays and messages may still need them.
    .min(31)
    .max(36_500)
    .optional()
    .describe(
      'Days of the journal older than so many are let go, once all of a day is published and nothing of it deferred. Webhook ids are known for ever. Default: all are kept.',
    ),
  INGEST_ARCHIVE_DIRECTORY: z
    .string()
    .optional()
    .describe('Where days of the journal are written before they are let go, as gzip files. Default: nowhere.'),
  INTAKE_BATCH_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(128)
    .describe('Webhooks in one commit, at most. 1: a commit for each, several times slower.'),
  INGEST_RELEASES_PER_SECOND: z.coerce
    .number()
    .int()
    .min(1)
    .max(5_000)
    .default(500)
    .describe('Events that waited for their quota are published at most so fast, behind live ones.'),
  // Above what a process takes in on two cores, so that no right sender meets them; a flood does.
  INGEST_RATE_LIMIT_ADDRESS_PER_SECOND: perSecond
    .default(10_000)
    .describe(
      'Requests a second from one address (IPv6: from one /64), checked before the signature; all processes together.',
    ),
  INGEST_RATE_LIMIT_SOURCE_PER_SECOND: perSecond
    .default(20_000)
    .describe('Rightly signed webhooks a second of one source (the default one, an adapter); all processes together.'),
  INGEST_RATE_LIMIT_PER_SECOND: perSecond
    .default(20_000)
    .describe('Rightly signed webhooks a second, of all sources; all processes together.'),
})

export type IngestConfig = z.output<typeof configShape>

/** By the names of the adapters. */
export function firstAdapterSecrets(config: Partial<IngestConfig>): Record<string, string> {
  const given = {
    stripe: config.STRIPE_WEBHOOK_SECRET,
    shopify: config.SHOPIFY_WEBHOOK_SECRET,
    'github-style': config.GITHUB_STYLE_WEBHOOK_SECRET,
  }
  return Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined))
}
