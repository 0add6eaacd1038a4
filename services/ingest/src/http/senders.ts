import type { KeyObject } from 'node:crypto'
import type { Database } from '@tributary/database'
import type { Examples } from '@tributary/service-kit'
import { z } from 'zod'
import { adapters } from '../providers/adapters.ts'
import type { Provider } from '../providers/provider.ts'
import { standardWebhooks } from '../providers/standard-webhooks.ts'
import type { Intake } from './intake.ts'
import { intakeExamples } from './intake-examples.ts'
import { webhookBody } from './webhook-description.ts'

/** Whoever sends webhooks: where to, how they are read, and which keys they are signed with. */
export type Sender = Readonly<{
  provider: Provider
  path: string
  /** For the documentation; the provider reads the bytes. */
  body: z.ZodType
  examples: Examples
  /** Null where it has no secret, and so may not send. */
  keys(db: Database, now: Date): Promise<readonly KeyObject[] | null>
  freshKeys(db: Database, now: Date): Promise<readonly KeyObject[] | null>
}>

/** The one who signs as Standard Webhooks has it, and every adapter. */
export function sendersOf({ secrets, adapterSecrets }: Intake): readonly Sender[] {
  return [
    {
      provider: standardWebhooks,
      path: '/api/v1/webhooks/events',
      body: webhookBody,
      examples: intakeExamples,
      keys: secrets.keys,
      freshKeys: secrets.freshKeys,
    },
    ...adapters.map((provider) => ({
      provider,
      path: `/api/v1/webhooks/${provider.source}`,
      body: provider.read === standardWebhooks.read ? webhookBody : z.looseObject({}),
      examples: {},
      keys: (db: Database, now: Date) => adapterSecrets.keys(provider.source, db, now),
      freshKeys: (db: Database, now: Date) => adapterSecrets.freshKeys(provider.source, db, now),
    })),
  ]
}
