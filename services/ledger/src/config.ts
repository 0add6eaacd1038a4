import { z } from 'zod'
import { readPrivateKey, readPublicKey } from './proof/keys.ts'

/** What the ledger reads beyond the variables of every service. */
export const configShape = z.object({
  LEDGER_SIGNING_KEY: z
    .string()
    .refine((text) => readPrivateKey(text) !== null, {
      error: 'must be an Ed25519 private key, PKCS#8 in PEM, or the base64 of that',
    })
    .describe('Signs checkpoints and exports: an Ed25519 private key, PKCS#8 in PEM, or the base64 of that.'),
  LEDGER_RETIRED_PUBLIC_KEYS: z
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
    .describe(
      'Public halves of keys that signed before, comma-separated base64 of their PEM: what they signed still counts.',
    ),
  LEDGER_ANCHOR_FILE: z
    .string()
    .optional()
    .describe(
      'A file that every checkpoint is appended to, out of reach of whoever may change the database. Default: none.',
    ),
  LEDGER_ADJUSTMENT_APPROVAL_ABOVE: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(10_000)
    .describe(
      'An adjustment of more than this many minor units, of whatever currency, needs the approval of another person. 0: every one does.',
    ),
  LEDGER_CLEARING_MAX_AGE_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(365)
    .default(7)
    .describe('Money that is on its way, to a user or from a provider, for more than so many days is an alarm.'),
  LEDGER_RETENTION_MONTHS: z.coerce
    .number()
    .int()
    // Reports look back a year from any instant that they can be asked about.
    .min(13)
    .max(1_200)
    .optional()
    .describe(
      'Transfers and entries of older months are archived and let go. Needs the two variables below. Default: all are kept.',
    ),
  LEDGER_ARCHIVE_DIRECTORY: z
    .string()
    .optional()
    .describe('Where archived months go, as compressed exports that prove themselves.'),
  LEDGER_OWNER_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
    .optional()
    .describe("The ledger's database as its owner, past any pooler: only an owner can let a month go."),
})

export type LedgerConfig = z.output<typeof configShape>
