import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, query } from '@tributary/database'
import { type LoadResult, runLoad } from '../load.ts'
import type { Servers, Services } from '../stack.ts'
import { signedRequests, type Webhook } from '../webhooks.ts'

export const CONNECTIONS = 32

/** Referrers with a code each, one friend each who registered with it, and a rule that rewards every payment. */
export async function seedProgramme(
  servers: Servers,
  services: Services,
  referrers: number,
  say: (line: string) => void,
) {
  say(`seeding ${referrers} referrers`)
  const rule = await services.call<{ id: string; version: number }>('POST', 'rewards', '/api/v1/reward-rules', {
    name: '20% of every payment',
    eventType: 'subscription.paid',
    currency: 'USD',
    reward: { kind: 'percent', basisPoints: 2000 },
    // Releases would come in between or not, depending on a clock; every side does the same work this way.
    holdingDays: 14,
  })
  await services.call('POST', 'rewards', `/api/v1/reward-rules/${rule.id}/activate`, { version: rule.version })
  const registrations: Webhook[] = []
  const lanes = Array.from({ length: 16 }, async (_, lane) => {
    for (let index = lane; index < referrers; index += 16) {
      const user = await services.call<{ id: string }>('POST', 'rewards', '/api/v1/users', {
        externalId: `referrer-${index}`,
        email: `referrer-${index}@example.com`,
      })
      const path = `/api/v1/users/${user.id}/referral-codes`
      const { code } = await services.call<{ code: string }>('POST', 'rewards', path, {})
      registrations.push(webhook('user.registered', { externalUserId: friend(index), referralCode: code }))
    }
  })
  await Promise.all(lanes)
  await send(services, registrations)
  const rewards = servers.open('rewards')
  try {
    await until('every friend is referred', 60_000, async () => {
      return (await count(rewards, 'select count(*)::int as n from referrals')) >= referrers
    })
  } finally {
    await rewards.destroy()
  }
}

/** The customer that a referrer brought. */
export const friend = (index: number): string => `friend-${index}`

/** One with an id of its own. */
export function webhook(type: string, data: Record<string, unknown>): Webhook {
  return { id: `bench-${randomBytes(12).toString('hex')}`, type, timestamp: new Date(), data }
}

/** Sends them all; throws unless each is accepted. */
export async function send(services: Services, webhooks: readonly Webhook[]): Promise<LoadResult> {
  const { hostname, port, host } = new URL(services.url('ingest'))
  const requests = signedRequests(services.webhookSecret, host, webhooks)
  let next = 0
  const load = await runLoad({
    host: hostname,
    port: Number(port),
    connections: CONNECTIONS,
    next: () => requests[next++],
  })
  if (load.statuses.get(202) !== webhooks.length) {
    throw new Error(`not every webhook was accepted: ${JSON.stringify([...load.statuses])} ${load.firstRefusal}`)
  }
  return load
}

/** The one number that a statement answers as `n`. */
export async function count(db: Database, sql: string): Promise<number> {
  const [row] = await query<{ n: number }>(db, sql)
  return row!.n
}

/** Asks until it holds; throws after the time. */
export async function until(what: string, timeoutMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`gave up after ${timeoutMs / 1000} s waiting until ${what}`)
    // Rare enough that asking costs next to nothing, often enough for runs of seconds.
    await sleep(100)
  }
}
