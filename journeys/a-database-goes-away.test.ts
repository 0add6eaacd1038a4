import type { ServiceName } from '@tributary/contracts'
import { query } from '@tributary/database'
import { type CutLine, cutLine, until } from '@tributary/testing'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { type Referrer, registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
const lines = new Map<ServiceName, CutLine>()
const lineOf = (service: ServiceName) => lines.get(service) as CutLine

beforeAll(async () => {
  stack = await startStack({
    through: async (service, { databaseUrl, amqpUrl }) => {
      const line = await cutLine(databaseUrl)
      lines.set(service, line)
      return { databaseUrl: line.url, amqpUrl }
    },
  })
  bob = await setUpProgramme(stack, [{ ...tenForARegistration, holdingDays: 14 }])
  await stack.settled()
})

const journaled = async () => (await query(stack.databases.ingest.db, 'select event_id from webhook_events')).length
const keys = async () => (await query(stack.databases.ingest.db, 'select event_id from idempotency_keys')).length
const isReady = async (service: ServiceName) => (await fetch(`${stack.urls[service]}/readyz`)).status === 200

it("without ingest's database a webhook is answered 503, and nothing is half-stored", async () => {
  const webhook = { id: 'msg_ann', timestamp: new Date().toISOString(), ...registered('ann', bob.code) }
  lineOf('ingest').cut()
  const refused = await stack.send(webhook)
  expect(refused.status).toBe(503)
  expect(refused.body.code).toBe('temporarily_unavailable')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await isReady('ingest')).toBe(false)
  expect([await journaled(), await keys()]).toEqual([0, 0])

  lineOf('ingest').mend()
  const accepted = await until('ingest to take it', async () => {
    const answer = await stack.send(webhook)
    return answer.status === 202 ? answer : undefined
  })
  expect(accepted.body.duplicate).toBe(false)
  await stack.settled({ timeoutMs: 40_000 })
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 1_000, totalEarned: 1_000 })
})

it('a database that falls silent in the middle of a commit is answered in time, and the sender may repeat', async () => {
  const webhook = { id: 'msg_eve', timestamp: new Date().toISOString(), ...registered('eve', bob.code) }
  lineOf('ingest').freeze()
  const begun = performance.now()
  const answer = await stack.send(webhook)
  expect(answer.status).toBe(503)
  expect(performance.now() - begun).toBeLessThan(15_000)
  lineOf('ingest').mend()
  // Whether it was stored is not known, and need not be: the same id again is safe.
  await until('ingest to take it', async () => (await stack.send(webhook)).status === 202)
  await stack.settled({ timeoutMs: 40_000 })
  expect(await journaled()).toBe(2)
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 2_000, totalEarned: 2_000 })
})

it.each(['rewards', 'ledger', 'fraud'] as const)(
  'without the database of %s its messages wait, and nobody is blamed',
  async (service) => {
    const before = (await balanceOf(stack, bob.userId)).pending ?? 0
    lineOf(service).cut()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, number) => stack.send(registered(`${service}-${number}`, bob.code))),
    )
    expect(answers.map((one) => one.status)).toEqual(answers.map(() => 202))
    await until(`${service} to notice`, async () => !(await isReady(service)))
    lineOf(service).mend()
    await stack.settled({ timeoutMs: 40_000 })
    expect(await balanceOf(stack, bob.userId)).toEqual({ pending: before + 10_000, totalEarned: before + 10_000 })
    await expectBooksToBalance(stack)
  },
)
