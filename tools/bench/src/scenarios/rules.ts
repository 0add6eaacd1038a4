import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { query } from '@tributary/database'
import type { ScenarioOptions, ScenarioResult } from '../result.ts'
import { type Servers, type Services, startServers, withServices } from '../stack.ts'
import { seedTwentyRules } from './twenty-rules.ts'

const measureRules = fileURLToPath(new URL('../../../../services/rewards/bench/measure-rules.ts', import.meta.url))

type Measured = Readonly<{ rules: number; decision: number; oneRule: number; replayed: number }>

/** What rules cost by themselves: one decision, and a backtest of twenty over what a service has kept. */
export async function rulesScenario({ directory, quick, say }: ScenarioOptions): Promise<ScenarioResult> {
  say('deciding')
  const { stdout } = await promisify(execFile)(process.execPath, [measureRules])
  const { decision, oneRule, replayed } = JSON.parse(stdout) as Measured
  const events = quick ? 5_000 : 100_000
  const servers = await startServers(directory, say)
  try {
    const { seconds, found } = await withServices(servers, directory, {}, async (services) => {
      await seedTwentyRules(services)
      say(`keeping ${events} events`)
      await keepEvents(servers, events)
      say('replaying them')
      return backtest(services)
    })
    return {
      scenario: 'rules',
      figures: [
        { name: 'a decision, 20 rules', value: decision, unit: 'us CPU', threshold: { atMost: 50 } },
        { name: 'a decision, one rule', value: oneRule, unit: 'us CPU' },
        { name: 'a replayed event, 20 rules', value: replayed, unit: 'us CPU' },
        {
          name: 'backtest of 100,000 events',
          value: (seconds * 100_000) / found,
          unit: 's',
          threshold: { atMost: 60 },
        },
      ],
      notes: [
        'a decision is pure: five of the twenty rules have a CEL condition and two caps each, five have tiers; best of seven rounds of 5,000',
        `the backtest is one request over ${found} events in PostgreSQL, against nineteen rules and the rewards that were given`,
      ],
    }
  } finally {
    await servers.stop()
  }
}

/** SQL for one of a thousand ids of a kind. */
const idOf = (kind: number): string => `format('0${kind}900000-0000-7000-8000-%s', lpad((n % 1000)::text, 12, '0'))`

/** Events as rewards keeps them, and a reward for each, written by one statement each. */
async function keepEvents(servers: Servers, events: number): Promise<void> {
  const db = servers.open('rewards')
  try {
    await query(
      db,
      `insert into occasions (kind, event_id, type, happened_at, cause, seen, recorded_at)
       select 'asked', gen_random_uuid(), 'subscription.paid', '2026-01-01'::timestamptz + n * interval '1 minute',
         'invoice:kept-' || n,
         jsonb_build_object('amount', 1000 + n % 9000, 'currency', 'USD', 'attributedMs', 1767225600000,
           'conversions', n % 50, 'converts', false, 'data', jsonb_build_object('productId', 'product-' || n % 9),
           'referral', jsonb_build_object('id', ${idOf(1)}, 'referrerId', ${idOf(2)}, 'refereeId', ${idOf(3)}),
           'invoice', jsonb_build_object('id', 'kept-' || n, 'subscriptionId', 's', 'period', 1, 'cancelledMs', null)),
         now()
       from generate_series(1, ?) n`,
      [events],
    )
    await query(
      db,
      `insert into rewards (id, rule_id, rule_version, cause, beneficiary, user_id, referral_id, event_id, currency, granted,
         due_at, earned_at, recorded_at)
       select gen_random_uuid(), (select id from reward_rules order by id limit 1), 1, cause, 'referrer',
         (seen #>> '{referral,referrerId}')::uuid, (seen #>> '{referral,id}')::uuid, event_id, 'USD', 200, happened_at, happened_at, now()
       from occasions`,
    )
  } finally {
    await db.destroy()
  }
}

async function backtest(services: Services): Promise<{ seconds: number; found: number }> {
  const rule = {
    name: 'a draft',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 1500 },
    caps: [{ per: 'user', interval: 'month', amount: 5_000 }],
  }
  const period = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' }
  const startedAt = performance.now()
  const path = '/api/v1/reward-rules/backtest'
  const { events } = await services.call<{ events: number }>('POST', 'rewards', path, { rule, ...period })
  return { seconds: (performance.now() - startedAt) / 1000, found: events }
}
