import type { KeyObject } from 'node:crypto'
import type { Plan } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import { newSecret, standardWebhooks } from '../providers/standard-webhooks.ts'
import type { Sealing } from '../store/sealing.ts'
import { findSystemConfig, insertFirstSystemConfig, type SystemConfig } from '../store/system-configs.ts'
import { newFreshReads } from './fresh-reads.ts'

/** The secrets that count now, one or two. */
export type WebhookSecrets = Readonly<{
  /** As of at most 5 s ago. */
  keys(db: Database, now: Date): Promise<readonly KeyObject[]>
  /** As of a moment after the call: a sender may use a new secret as soon as it was told it. */
  freshKeys(db: Database, now: Date): Promise<readonly KeyObject[]>
  config(db: Database, now: Date): Promise<SystemConfig>
}>

type Known = Readonly<{ current: KeyObject; previous: KeyObject | null; previousEndsAt: number }>

type First = Readonly<{ plan: Plan; webhookSecret: string | undefined }>

/** `first` is stored at the first start. Without a secret, a random one that nobody knows is, until it is rotated. */
export function newWebhookSecrets(sealing: Sealing, first: First): WebhookSecrets {
  const { recent, fresh } = newFreshReads(async (db, now): Promise<Known> => {
    const { webhookSecret, previousWebhookSecret: previous } = await config(db, now)
    return {
      current: standardWebhooks.keyOf(webhookSecret),
      previous: previous && standardWebhooks.keyOf(previous.secret),
      previousEndsAt: previous ? previous.endsAt.getTime() : 0,
    }
  })

  async function config(db: Database, now: Date): Promise<SystemConfig> {
    const found = await findSystemConfig(db, sealing)
    if (found) return found
    await insertFirstSystemConfig(db, sealing, {
      plan: first.plan,
      webhookSecret: first.webhookSecret ?? newSecret(),
      now,
    })
    const stored = await findSystemConfig(db, sealing)
    if (!stored) throw new Error('the first configuration was not stored')
    return stored
  }

  const live = ({ current, previous, previousEndsAt }: Known, now: Date) =>
    previous && now.getTime() < previousEndsAt ? [current, previous] : [current]

  return {
    keys: async (db, now) => live(await recent(db, now), now),
    freshKeys: async (db, now) => live(await fresh(db, now), now),
    config,
  }
}
