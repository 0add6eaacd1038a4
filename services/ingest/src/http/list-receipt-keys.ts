import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { SigningKeys } from '../proof/keys.ts'

export const listReceiptKeys = (keys: SigningKeys) =>
  route({
    method: 'GET',
    path: '/api/v1/webhooks/receipt-keys',
    summary: 'The public keys that receipts are checked with, the one in use first.',
    access: { public: 'a public key is for everybody' },
    answers: {
      200: z.object({
        items: z.array(
          z.object({
            keyId: z
              .hex()
              .length(16)
              .meta({ description: 'The first 16 hex digits of the SHA-256 of its SPKI bytes.' }),
            publicKey: z.string().meta({ description: 'Ed25519, SPKI in PEM.' }),
          }),
        ),
      }),
    },

    handle: () => answer(200, { items: keys.all.map(({ id, pem }) => ({ keyId: id, publicKey: pem })) }),
  })
