import { randomBytes } from 'node:crypto'
import { type LoadResult, runLoad } from '../load.ts'
import { cpuMs } from '../meter.ts'
import { signedRequests } from '../webhooks.ts'

export const CONNECTIONS = 64

/** One target of the load; `postgresPid` is null where it has no database. */
export type Target = Readonly<{ port: number; pid: number; postgresPid: number | null }>

/** CPU in microseconds per request. */
export type Round = Readonly<{
  answers: number
  rate: number
  p50Ms: number
  p99Ms: number
  serverUs: number
  postgresUs: number
  generatorUs: number
}>

/** Sends webhooks as fast as they are taken; throws when one is not accepted. */
export async function measureIntake(target: Target, requests: readonly Buffer[], maxMs?: number): Promise<Round> {
  let sent = 0
  const metered = [
    { name: 'server', pid: target.pid },
    ...(target.postgresPid === null ? [] : [{ name: 'postgres', pid: target.postgresPid }]),
  ]
  const before = cpuMs(metered)
  const generatorBefore = process.cpuUsage()
  const load = await runLoad({
    host: '127.0.0.1',
    port: target.port,
    connections: CONNECTIONS,
    // A server that keeps nothing does not mind the same ones again.
    next: () => requests[target.postgresPid === null ? sent++ % requests.length : sent++],
    ...(maxMs === undefined ? {} : { maxMs }),
  })
  const generator = process.cpuUsage(generatorBefore)
  expectAccepted(load)
  const after = cpuMs(metered)
  const us = (name: string) => ((after.get(name)! - before.get(name)!) * 1000) / load.answers
  return {
    answers: load.answers,
    rate: (load.answers * 1000) / load.elapsedMs,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    serverUs: us('server'),
    postgresUs: target.postgresPid === null ? 0 : us('postgres'),
    generatorUs: (generator.user + generator.system) / load.answers,
  }
}

/**
 * Signed webhooks with ids of their own. Random ones: ids that ascend would meet only the last page of the index of ids,
 * which not every sender's do.
 */
export function newRequests(secret: string, port: number, count: number): Buffer[] {
  const run = randomBytes(6).toString('hex')
  return signedRequests(
    secret,
    `127.0.0.1:${port}`,
    Array.from({ length: count }, (_, index) => ({
      id: `msg_${randomBytes(14).toString('base64url')}`,
      type: 'subscription.paid',
      timestamp: new Date(),
      data: {
        externalUserId: `customer-${index % 1000}`,
        invoiceId: `in_${run}_${index}`,
        subscriptionId: `sub_${index % 1000}`,
        amount: 4900,
        currency: 'USD',
        period: 2,
        productId: 'pro-monthly',
      },
    })),
  )
}

/** A refusal is quicker than an acceptance: one of them, and the figures mean nothing. */
function expectAccepted({ statuses, answers, firstRefusal }: LoadResult): void {
  if (answers === 0 || statuses.get(202) !== answers) throw new Error(`a webhook was refused: ${firstRefusal}`)
}
