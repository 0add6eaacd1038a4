import { z } from 'zod'
import { readSigningKey } from './signing-keys.ts'

const signingKey = z.string().refine((text) => readSigningKey(text) !== null, {
  error: 'must be a P-256 private key, PKCS#8 in PEM, or the base64 of that',
})

/** What admin reads beyond the variables of every service. */
export const configShape = z.object({
  ADMIN_SIGNING_KEY: signingKey.describe(
    'Signs the tokens: a P-256 private key, PKCS#8 in PEM, or the base64 of that.',
  ),
  ADMIN_RETIRED_SIGNING_KEYS: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(z.array(signingKey).max(5))
    .optional()
    .describe('Keys that signed before, comma-separated base64: still published, until their last tokens have ended.'),
  ADMIN_BOOTSTRAP_CLIENT_ID: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, { error: 'may have letters, digits, dots, dashes and underscores' })
    .optional()
    .describe('A client with every scope, there from the start.'),
  ADMIN_BOOTSTRAP_CLIENT_SECRET: z
    .string()
    .min(16, { error: 'must have at least 16 characters' })
    .optional()
    .describe('Its secret. Changing it here changes it at the next start.'),
})

export type AdminConfig = z.output<typeof configShape> & Readonly<{ AUTH_ISSUER: string }>
