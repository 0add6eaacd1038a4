import { configChanged, type EventData, type Feature, features, hasFeature, type Plan } from '@tributary/contracts'
import { type Database, query, type Transaction } from '@tributary/database'
import { consume, done, ignored, type Outcome } from '@tributary/messaging'
import { Problem } from './problem.ts'

type Told = EventData<typeof configChanged>
type Decision = Readonly<{ outcome: Outcome; told: Told | null }>

/** Keeps the configuration that ingest tells; the newest version stays, in whatever order they come. */
export const onConfigChanged = consume(configChanged, {
  load: async (tx) => (await findHeard(tx, 'for update'))?.version ?? 0,

  decide(newest: number, { data: told }): readonly [Decision, number] {
    if (told.version <= newest) return [{ outcome: ignored('config_already_known'), told: null }, newest]
    return [{ outcome: done(), told }, told.version]
  },

  async save(tx, decided, _publish, { now }) {
    const newest = decided.flatMap(({ decision }) => decision.told ?? []).at(-1)
    if (newest === undefined) return
    await query(
      tx,
      // The first row cannot be locked before it is there, hence the last line.
      `insert into heard_configs (version, plan, config, heard_at) values (?, ?, ?::jsonb, ?)
       on conflict (id) do update set version = excluded.version, plan = excluded.plan, config = excluded.config,
         heard_at = excluded.heard_at where excluded.version > heard_configs.version`,
      [newest.version, newest.plan, JSON.stringify(configChanged.data.encode(newest)), now],
    )
  },
})

/** The plan that was told last; null before any was, which counts as Free. */
export async function findPlan(db: Database | Transaction): Promise<Plan | null> {
  return (await findHeard(db))?.plan ?? null
}

/** Throws `plan_required` for the first of these that the plan in force does not have. */
export async function requireFeatures(db: Database | Transaction, needed: readonly Feature[]): Promise<void> {
  if (needed.length === 0) return
  const plan = await findPlan(db)
  const lacking = needed.find((feature) => !hasFeature(plan ?? 'free', feature))
  if (lacking !== undefined) throw planRequired(lacking, plan)
}

function planRequired(feature: Feature, plan: Plan | null): Problem {
  const { name, plan: having } = features[feature]
  const now = plan === null ? 'no plan has been heard of here yet, which counts as free' : `the plan is ${plan}`
  return new Problem('plan_required', { detail: `${name}: needs the plan ${having} or a larger one; ${now}` })
}

async function findHeard(db: Database | Transaction, lock: 'for update' | '' = '') {
  const [row] = await query<{ version: number; plan: Plan }>(db, `select version, plan from heard_configs ${lock}`)
  return row ?? null
}
