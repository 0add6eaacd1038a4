import { answer, route } from '@tributary/service-kit'
import { z } from 'zod'
import type { SigningKeys } from '../proof/keys.ts'
import { keyBody, toKeyBody } from './checkpoint-body.ts'

export const listCheckpointKeys = (keys: SigningKeys) =>
  route({
    method: 'GET',
    path: '/api/v1/checkpoint-keys',
    summary: 'The public keys that checkpoints and exports are checked with, the one in use first.',
    access: { public: 'a public key is for everybody' },
    answers: { 200: z.object({ items: z.array(keyBody) }) },

    handle: () => answer(200, { items: keys.all.map(toKeyBody) }),
  })
