import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { expect, it } from 'vitest'
import { newSecret } from '../src/providers/standard-webhooks.ts'
import { type Answer, get, type Ingest, send, startIngest } from './sender.ts'

const QUOTA = 60

async function startTwo(): Promise<[Ingest, Ingest]> {
  const own = { WEBHOOK_SECRET: newSecret(), INGEST_RATE_LIMIT_SOURCE_PER_SECOND: QUOTA }
  const first = await startIngest(own)
  const second = await startIngest(own, { database: first.database, broker: first.broker })
  return [first, second]
}

/** Sends many at the same time, to these in turn. */
async function flood(processes: readonly Ingest[], count: number): Promise<Answer[]> {
  const each = Array.from({ length: count }, (_, index) => send(processes[index % processes.length]!))
  return await Promise.all(each)
}

const accepted = (answers: readonly Answer[]) => answers.filter((answer) => answer.status === 202).length

/** The most that an answer said was left: a fifth of what the process may let through, once that is reached. */
const highestLeft = (answers: readonly Answer[]) =>
  Math.max(...answers.map(({ headers }) => Number(/;r=(\d+);/.exec(headers.get('ratelimit') ?? '')?.[1] ?? 0)))

it('two processes divide the limits between them, and one alone has all again', async () => {
  const [first, second] = await startTwo()
  for (const process of [first, second]) expect((await send(process)).status).toBe(202)
  // Each has said itself by then; the next look of either counts both.
  const rows = () => query(first.database.db, `select from intake_processes where seen_at > now() - interval '3 s'`)
  expect(await rows()).toHaveLength(2)
  await until('both to have their half', async () => {
    const answers = await Promise.all([flood([first], 2 * QUOTA), flood([second], 2 * QUOTA)])
    return answers.every((own) => highestLeft(own) === (QUOTA / 2) * 0.2)
  })
  const answers = await flood([first, second], 4 * QUOTA)
  // A burst lies in two windows at most.
  expect(accepted(answers)).toBeLessThanOrEqual(2 * QUOTA)
  const refused = answers.find((answer) => answer.status === 429)!
  // What is told is the limit as it is set, not this process's part of it.
  expect(refused.headers.get('ratelimit-policy')).toBe(`"source";q=${QUOTA};w=1`)

  await second.stop()
  await until('the one that is left to have all of it', async () => {
    return highestLeft(await flood([first], 3 * QUOTA)) === QUOTA * 0.2
  })
}, 60_000)

it('a sender is told what is left before it is refused, and refused with when to come back', async () => {
  const [ingest] = await startTwo()
  const answers = await flood([ingest], 2 * QUOTA)
  const told = answers.filter((answer) => answer.status === 202 && answer.headers.has('ratelimit'))
  const quiet = answers.filter((answer) => answer.status === 202 && !answer.headers.has('ratelimit'))
  expect(told.length).toBeGreaterThan(0)
  expect(quiet.length).toBeGreaterThan(told.length)
  for (const { headers } of told) {
    expect(headers.get('ratelimit')).toMatch(/^"source";r=\d+;t=1$/)
    expect(headers.get('ratelimit-policy')).toBe(`"source";q=${QUOTA};w=1`)
  }
  const refused = answers.find((answer) => answer.status === 429)!
  expect(refused.headers.get('ratelimit')).toBe('"source";r=0;t=1')
  expect(refused.headers.get('retry-after')).toBe('1')
})

it('a body over every limit is counted and noted, though nobody read it', async () => {
  const [ingest] = await startTwo()
  const answer = await send(ingest, { id: 'msg_large', body: Buffer.alloc(300_000, 'x') })
  expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large'])
  const noted = await until('the refusal to be noted', async () => {
    const { body } = await get<{ items: object[] }>(ingest, '/api/v1/webhooks/rejections?webhookId=msg_large')
    return body.items[0]
  })
  expect(noted).toMatchObject({ reason: 'payload_too_large', bodyBytes: 300_000, bodySha256: null })
  const metrics = await ingest.metrics.registry.metrics()
  expect(metrics).toMatch(/webhooks_received_total{[^}]*result="payload_too_large"[^}]*} 1\n/)
})
