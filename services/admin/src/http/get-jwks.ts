import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { SigningKeys } from '../signing-keys.ts'

const jwk = z.object({
  kty: z.string(),
  crv: z.string(),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.string(),
  use: z.string(),
})

/** The public keys that everyone checks tokens with. */
export function getJwks(keys: SigningKeys) {
  return route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The keys that tokens are signed with',
    access: { public: 'public keys are for everyone' },
    answers: { 200: z.object({ keys: z.array(jwk) }) },
    handle: () => answer(200, { keys: keys.published }, { 'cache-control': 'public, max-age=300' }),
  })
}
