import { type configChanged, type EventData, eventsPerMonth, type Plan } from '@tributary/contracts'
import { type Database, query, type Transaction } from '@tributary/database'
import type { Sealing } from './sealing.ts'

/** The one canonical row, with its secrets opened: not to be logged or answered. */
export type SystemConfig = Readonly<{
  /** Grows with every change. */
  version: number
  plan: Plan
  /** Counts on Enterprise alone; null for no limit. */
  enterpriseEventsPerMonth: number | null
  webhookSecret: string
  webhookSecretSince: Date
  /** Counts beside the other one until it ends. */
  previousWebhookSecret: Readonly<{ secret: string; endsAt: Date }> | null
  updatedAt: Date
  updatedBy: string
}>

/** How many events of a month are published at once; null for no limit. */
export function quotaOf({
  plan,
  enterpriseEventsPerMonth,
}: Pick<SystemConfig, 'plan' | 'enterpriseEventsPerMonth'>): number | null {
  return plan === 'enterprise' ? enterpriseEventsPerMonth : eventsPerMonth[plan]
}

/** The quota in force; that of Free before there is a configuration. */
export async function findQuota(db: Database | Transaction): Promise<number | null> {
  const [row] = await query<Pick<Row, 'plan' | 'enterprise_events_per_month'>>(
    db,
    'select plan, enterprise_events_per_month from system_configs',
  )
  if (!row) return eventsPerMonth.free
  const events = row.enterprise_events_per_month
  return quotaOf({ plan: row.plan, enterpriseEventsPerMonth: events === null ? null : Number(events) })
}

type Told = Readonly<{ data: EventData<typeof configChanged>; because: { correlationId: string; subject: string } }>

/** The configuration as everyone is told it. Nothing of a sender's caused it, so it is its own cause. */
export function toldAs(config: SystemConfig, id: string): Told {
  const { version, plan, updatedAt } = config
  return {
    data: { version, plan, eventsPerMonth: quotaOf(config), changedAt: updatedAt.toISOString() },
    because: { correlationId: id, subject: id },
  }
}

type Row = {
  version: number
  plan: Plan
  enterprise_events_per_month: bigint | null
  webhook_secret: Buffer
  webhook_secret_since: Date
  previous_webhook_secret: Buffer | null
  previous_webhook_secret_ends_at: Date | null
  updated_at: Date
  updated_by: string
}

const PURPOSE = 'system_configs.webhook_secret'

/** Null before the first start has stored one. `forUpdate` keeps others from changing it until the transaction ends. */
export async function findSystemConfig(
  db: Database | Transaction,
  sealing: Sealing,
  { forUpdate = false }: { forUpdate?: boolean } = {},
): Promise<SystemConfig | null> {
  const [row] = await query<Row>(db, `select * from system_configs where id = 1 ${forUpdate ? 'for update' : ''}`)
  if (!row) return null
  const { previous_webhook_secret: previous, previous_webhook_secret_ends_at: endsAt } = row
  return {
    version: row.version,
    plan: row.plan,
    enterpriseEventsPerMonth: row.enterprise_events_per_month === null ? null : Number(row.enterprise_events_per_month),
    webhookSecret: sealing.open(PURPOSE, row.webhook_secret),
    webhookSecretSince: row.webhook_secret_since,
    previousWebhookSecret: previous && endsAt && { secret: sealing.open(PURPOSE, previous), endsAt },
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}

/** Stores the first configuration, unless there is one: of several processes that start at once, one stores it. */
export async function insertFirstSystemConfig(
  db: Database,
  sealing: Sealing,
  { plan, webhookSecret, now }: Readonly<{ plan: Plan; webhookSecret: string; now: Date }>,
): Promise<void> {
  await query(
    db,
    `insert into system_configs (version, plan, webhook_secret, webhook_secret_since, updated_at, updated_by)
     values (1, ?, ?, ?, ?, 'first start') on conflict (id) do nothing`,
    [plan, sealing.seal(PURPOSE, webhookSecret), now, now],
  )
}

/** Replaces the row. The caller has locked it. */
export async function updateSystemConfig(tx: Transaction, sealing: Sealing, config: SystemConfig): Promise<void> {
  const previous = config.previousWebhookSecret
  await query(
    tx,
    `update system_configs set version = ?, plan = ?, enterprise_events_per_month = ?, webhook_secret = ?, webhook_secret_since = ?,
       previous_webhook_secret = ?, previous_webhook_secret_ends_at = ?, updated_at = ?, updated_by = ? where id = 1`,
    [
      config.version,
      config.plan,
      config.enterpriseEventsPerMonth,
      sealing.seal(PURPOSE, config.webhookSecret),
      config.webhookSecretSince,
      previous && sealing.seal(PURPOSE, previous.secret),
      previous?.endsAt ?? null,
      config.updatedAt,
      config.updatedBy,
    ],
  )
}
