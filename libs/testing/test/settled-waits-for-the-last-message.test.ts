import { decisionRecorded, rewardEarned, screeningPassed } from '@tributary/contracts'
import { query } from '@tributary/database'
import { type Consumer, consume, done, type Outcome, rejected } from '@tributary/messaging'
import type { Service } from '@tributary/service-kit'
import { v7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { settled, spy, startTestService, testBroker, testDatabase, tokenFor } from '../src/index.ts'

const silent = { routes: [], consumes: [], publishes: [], jobs: [] }
const nodding = consume(screeningPassed, {
  load: () => Promise.resolve(null),
  decide: (state) => [{ outcome: done() }, state],
  save: () => Promise.resolve(),
})
const rewards = (): Service => ({ name: 'rewards', ...silent, consumes: [nodding] })
const fraud = (consumer: Consumer) => (): Service => ({ name: 'fraud', ...silent, consumes: [consumer] })

/** Hears `reward.earned`, waits for the gate, and answers as it is told. */
const hearing = (gate: Promise<void>, outcome: () => Outcome) =>
  consume(rewardEarned, {
    load: () => gate,
    decide: (state) => [{ outcome: outcome() }, state],
    save: async (_tx, decided, publish, { newId }) => {
      for (const { event } of decided) {
        publish(screeningPassed, {
          data: { screeningId: newId(), subject: 'reward', subjectId: event.data.rewardId, revision: 1 },
          because: event,
        })
      }
    },
  })

async function start(consumer: Consumer) {
  const broker = await testBroker()
  const [ours, theirs] = await Promise.all([testDatabase('rewards'), testDatabase('fraud')])
  await startTestService('rewards', rewards, { broker, database: ours })
  await startTestService('fraud', fraud(consumer), { broker, database: theirs })
  const watched = { broker, databases: { rewards: ours, fraud: theirs } }
  const say = (type: string, payload: object) =>
    query(
      ours.db,
      `insert into outbox (message_id, subject, type, time, correlation_id, causation_id, payload)
       values (?, ?, ?, now(), ?, ?, ?)`,
      [v7(), v7(), type, v7(), v7(), JSON.stringify(payload)],
    )
  return { broker, watched, say, theirs }
}

const earned = () => ({
  rewardId: v7(),
  userId: v7(),
  ruleId: v7(),
  ruleVersion: 1,
  amount: 100,
  currency: 'USD',
  transactionId: v7(),
  beneficiary: 'referrer',
  cause: 'invoice:1',
  dueAt: new Date().toISOString(),
})

describe('settled', () => {
  it('waits for what a handler is still at, and for what that says in turn', async () => {
    const gate = Promise.withResolvers<void>()
    const { broker, watched, say } = await start(hearing(gate.promise, done))
    const ears = await spy(broker)
    await settled(watched)
    const reward = earned()
    await say('reward.earned', reward)
    await ears.heard(rewardEarned)
    await expect(settled(watched, { timeoutMs: 1_000 })).rejects.toThrow(
      /reward\.earned by rewards .* not yet heard by fraud/,
    )
    gate.resolve()
    await settled(watched)
    expect(ears.count(screeningPassed)).toBe(1)
    expect((await ears.heard(screeningPassed, { subjectId: reward.rewardId })).source).toBe('fraud')
  })

  it('waits for what nobody hears until it has left', async () => {
    const { broker, watched, say } = await start(hearing(Promise.resolve(), done))
    const ears = await spy(broker)
    await say('member.created', { any: 'thing' })
    await settled(watched)
    expect(ears.all().map((event) => event.type)).toEqual(['member.created'])
  })

  it('fails on what is parked, unless told to expect it', async () => {
    const { watched, say } = await start(hearing(Promise.resolve(), () => rejected('no_such_reward')))
    await say('reward.earned', earned())
    await expect(settled(watched)).rejects.toThrow(/fraud parked reward\.earned: no_such_reward/)
    await settled(watched, { parked: 1 })
  })

  it('lists what a queue holds that no service said', async () => {
    const { broker, watched } = await start(hearing(Promise.resolve(), done))
    const channel = await broker.channel()
    channel.sendToQueue('tributary.ledger', Buffer.from('stray'))
    const withLedger = { ...watched, databases: { ...watched.databases, ledger: await testDatabase('ledger') } }
    await expect(settled(withLedger, { timeoutMs: 5_000 })).rejects.toThrow(/tributary\.ledger holds 1 messages/)
  })
})

describe('a spy', () => {
  it('that waits in vain says what it heard instead', async () => {
    const { broker, say, watched } = await start(hearing(Promise.resolve(), done))
    const ears = await spy(broker)
    await say('member.created', { name: 'Ann' })
    await settled(watched)
    await expect(ears.heard(decisionRecorded, {}, 200)).rejects.toThrow(/member\.created \{"name":"Ann"\}/)
  })
})

describe('a test service', () => {
  it('believes the tokens of its tests, and no others', async () => {
    const { fetch } = await startTestService('fraud', fraud(hearing(Promise.resolve(), done)))
    const ask = async (token: string) =>
      (await fetch('/api/v1/dead-letters', { headers: { authorization: `Bearer ${token}` } })).status
    expect(await ask(await tokenFor(['dead-letters:read']))).toBe(200)
    expect(await ask(await tokenFor(['users:read']))).toBe(403)
    expect(await ask(await tokenFor(['dead-letters:read'], { expiresInSeconds: -60 }))).toBe(401)
    expect(await ask(await tokenFor(['dead-letters:read'], { issuer: 'https://elsewhere.test' }))).toBe(401)
  })
})
