import type { KeyObject } from 'node:crypto'
import type { Plan } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import { newSecret, parseSecret } from '../providers/standard-webhooks.ts'
import type { Sealing } from '../store/sealing.ts'
import { findSystemConfig, insertFirstSystemConfig, type SystemConfig } from '../store/system-configs.ts'

/** The secrets that count now, one or two. */
export type WebhookSecrets = Readonly<{
  /** As of at most 5 s ago. */
  keys(db: Database, now: Date): Promise<readonly KeyObject[]>
  /** As of a moment after the call: a sender may use a new secret as soon as it was told it. */
  freshKeys(db: Database, now: Date): Promise<readonly KeyObject[]>
  config(db: Database, now: Date): Promise<SystemConfig>
}>

type Known = Readonly<{ current: KeyObject; previous: KeyObject | null; previousEndsAt: number; readAtMs: number }>

const CACHE_MAX_MS = 5_000

type First = Readonly<{ plan: Plan; webhookSecret: string | undefined }>

/** `first` is stored at the first start. Without a secret, a random one that nobody knows is, until it is rotated. */
export function newWebhookSecrets(sealing: Sealing, first: First): WebhookSecrets {
  let known: Known | null = null
  let running: Promise<Known> | null = null
  let next: Promise<Known> | null = null

  async function read(db: Database, now: Date): Promise<Known> {
    const readAtMs = performance.now()
    const { webhookSecret, previousWebhookSecret: previous } = await config(db, now)
    known = {
      current: keyOf(webhookSecret),
      previous: previous && keyOf(previous.secret),
      previousEndsAt: previous ? previous.endsAt.getTime() : 0,
      readAtMs,
    }
    return known
  }

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

  /** One read at a time, and one more for all who asked meanwhile: a flood of wrong signatures costs one connection. */
  function freshRead(db: Database, now: Date): Promise<Known> {
    if (!running) {
      running = read(db, now).finally(() => {
        running = null
      })
      return running
    }
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        return freshRead(db, now)
      })
    return next
  }

  const live = ({ current, previous, previousEndsAt }: Known, now: Date) =>
    previous && now.getTime() < previousEndsAt ? [current, previous] : [current]

  return {
    async keys(db, now) {
      if (known && performance.now() - known.readAtMs < CACHE_MAX_MS) return live(known, now)
      return live(await (running ?? freshRead(db, now)), now)
    },
    freshKeys: async (db, now) => live(await freshRead(db, now), now),
    config,
  }
}

function keyOf(secret: string): KeyObject {
  const key = parseSecret(secret)
  if (!key) throw new Error('the stored webhook secret is none')
  return key
}
