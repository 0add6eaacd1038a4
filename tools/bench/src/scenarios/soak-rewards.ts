import { type Database, query } from '@tributary/database'
import { freePorts } from '@tributary/servers'
import { inspectAt } from '../inspector.ts'
import type { ScenarioOptions } from '../result.ts'
import { type Servers, startServers, withServices } from '../stack.ts'
import { seedProgramme, until } from './programme.ts'
import { openProbe, type Probe, SAMPLES, type Sample } from './soak-probe.ts'

const REFERRERS = 1_000
/** Rows that ingest's relay finds at once. */
const CHUNK = 50_000
const PATIENCE_MS = 600_000

/**
 * Puts that many payments into the queue of rewards, by ingest's outbox and relay, with rewards away; then lets rewards
 * work them off alone. What it says stays in the queues of services that do not run, as when they are down for a while.
 */
export async function soakRewards(options: ScenarioOptions, events: number): Promise<readonly Sample[]> {
  const { directory, say } = options
  const servers = await startServers(directory, say)
  try {
    await withServices(servers, directory, {}, (services) => seedProgramme(servers, services, REFERRERS, say))
    await withServices(servers, directory, {}, () => fillQueue(servers, events, say), ['ingest'])
    const [port] = (await freePorts(1)) as [number]
    const work = async ({ processes }: { processes: readonly { pid: number }[] }) => {
      const probe = await openProbe(processes[0]!.pid, port)
      try {
        await follow(servers, probe, events, say)
      } finally {
        probe.close()
      }
      return probe.samples
    }
    return await withServices(servers, directory, { NODE_OPTIONS: inspectAt(port) }, work, ['rewards'])
  } finally {
    await servers.stop()
  }
}

async function fillQueue(servers: Servers, events: number, say: (line: string) => void): Promise<void> {
  const ingest = servers.open('ingest')
  try {
    for (let done = 0; done < events; done += CHUNK) {
      await query(ingest, fillSql, [done + 1, Math.min(done + CHUNK, events)])
      await until('the relay has published them', PATIENCE_MS, async () => {
        const [row] = await query<{ done: boolean }>(ingest, relayedSql)
        return row!.done
      })
      say(`rewards: ${Math.min(done + CHUNK, events)} in its queue`)
    }
  } finally {
    await ingest.destroy()
  }
}

/** Message ids are UUIDv7s: the inbox is split by their time. */
const fillSql = `
  insert into outbox (message_id, subject, type, time, correlation_id, causation_id, payload)
  select id, id, 'subscription.paid', now(), id, id, json_build_object('externalUserId', 'friend-' || n % ${REFERRERS},
    'invoiceId', 'soak-' || n, 'subscriptionId', 'subscription-' || n % ${REFERRERS}, 'amount', 1000 + n % 9000, 'currency', 'USD')::text
  from generate_series(?::int, ?::int) n, lateral (select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(md5('a' || n), 1, 3) || '8' || substr(md5('b' || n), 1, 15))::uuid as id) ids`

const relayedSql = `
  select coalesce((select (xid, seq) from outbox order by xid desc, seq desc limit 1) <= (c.xid, c.seq), true) as done
  from relay_checkpoints c where stream = 'outbox'`

/** A sample each time another part is decided. */
async function follow(servers: Servers, probe: Probe, events: number, say: (line: string) => void): Promise<void> {
  const rewards = servers.open('rewards')
  try {
    const before = await decided(rewards)
    for (let index = 1; index <= SAMPLES; index++) {
      const wanted = Math.round((events * index) / SAMPLES)
      let now = 0
      await until(`${wanted} payments are decided`, PATIENCE_MS, async () => {
        now = (await decided(rewards)) - before
        return now >= wanted
      })
      await probe.sample(now)
      say(`rewards: ${now} decided`)
    }
  } finally {
    await rewards.destroy()
  }
}

/** As the server's statistics have it, a second late at most: counting a million rows would cost what is measured. */
async function decided(rewards: Database): Promise<number> {
  const [row] = await query<{ n: number }>(
    rewards,
    "select n_tup_ins::int as n from pg_stat_user_tables where relname = 'decisions'",
  )
  return row!.n
}
