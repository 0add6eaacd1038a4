import type { Envelope } from '@tributary/contracts'
import type { TestDatabase } from '@tributary/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Counter, openCounter } from './counter.ts'
import {
  type Desk,
  disputed,
  endState,
  openDesk,
  paid,
  refunded,
  registered,
  screened,
  seedReferrer,
  seedRule,
} from './desk.ts'

const reasons = (outcomes: readonly { kind: string; reason?: string }[]) =>
  outcomes.map((one) => one.reason ?? one.kind)

async function openShop(given?: TestDatabase): Promise<Desk> {
  const desk = await openDesk(given)
  await seedReferrer(desk)
  await seedRule(desk)
  await seedRule(desk, { beneficiary: 'referee', reward: { kind: 'fixed', amount: 500, currency: 'USD' } })
  return desk
}

async function openPaidShop(): Promise<Desk> {
  const desk = await openShop()
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  return desk
}

/** What was said of rewards since they were earned: the type's last word and the amount. */
const moved = async (desk: Desk) =>
  (await desk.said('reward.%'))
    .filter(({ type }) => type !== 'reward.earned')
    .map(({ type, data }) => `${type.slice('reward.'.length)} ${data.amount as number}`)
    .sort()

const passAll = async (desk: Desk) => {
  for (const { data } of await desk.said('reward.earned')) {
    await desk.handle(screened(data.rewardId as string, 'passed'))
  }
}

test('an open dispute holds every reward of its invoice, and what is due waits until it is won', async () => {
  const desk = await openPaidShop()
  const opened = disputed('inv-1', 'd-1', 'opened')
  expect(reasons(await desk.handle(opened, disputed('inv-1', 'd-1', 'opened'), opened))).toEqual([
    'done',
    'dispute_already_known',
    'already_decided',
  ])
  await passAll(desk)
  await desk.work('release-matured-rewards')
  expect(await moved(desk)).toEqual(['held 200', 'held 500'])
  const held = await desk.said('reward.held')
  expect(held[0]).toMatchObject({ correlationId: opened.subject, data: { reason: 'dispute_opened', sequence: 1 } })

  expect(reasons(await desk.handle(disputed('inv-1', 'd-1', 'won')))).toEqual(['done'])
  await desk.work('release-matured-rewards')
  expect(await moved(desk)).toEqual([
    'held 200',
    'held 500',
    'released 200',
    'released 500',
    'resumed 200',
    'resumed 500',
  ])
  expect(reasons(await desk.handle(disputed('inv-1', 'd-1', 'opened')))).toEqual(['dispute_already_known'])
})

test('a lost dispute takes back its share, also of what was released, and lets the rest go', async () => {
  const desk = await openPaidShop()
  await passAll(desk)
  await desk.work('release-matured-rewards')
  await desk.handle(disputed('inv-1', 'd-1', 'opened'))
  const lost = disputed('inv-1', 'd-1', 'lost', { amount: 400, currency: 'USD' })
  await desk.handle(lost)
  expect(await endState(desk)).toMatchObject([
    { granted: 500, reversed: 200, holds: [], released: true },
    { granted: 200, reversed: 80, holds: [], released: true },
  ])
  expect((await moved(desk)).slice(0, 2)).toEqual(['held 200', 'held 500'])
  expect((await moved(desk)).slice(4)).toEqual(['resumed 120', 'resumed 300', 'reversed 200', 'reversed 80'])
  const [reversed] = await desk.said('reward.reversed')
  expect(reversed).toMatchObject({ correlationId: lost.subject, data: { reason: 'dispute_lost' } })
  const [decision] = await desk.rows(
    'select outcome, cardinality(reward_ids) as rewards, trace from decisions where event_id = ?',
    lost.subject,
  )
  expect(decision).toMatchObject({ outcome: 'processed', rewards: 2, trace: { disputed: 400, capped: false } })
})

test('a dispute that comes before its payment, or its registration, counts once that is decided', async () => {
  const desk = await openShop()
  const [opened, lost, foreign] = [
    disputed('inv-1', 'd-1', 'opened'),
    disputed('inv-1', 'd-2', 'lost', { amount: 250 }),
    disputed('inv-1', 'd-3', 'lost', { amount: 250, currency: 'EUR' }),
  ] as const
  expect(reasons(await desk.handle(opened, lost))).toEqual(['payment_not_seen_yet', 'payment_not_seen_yet'])
  await desk.handle(paid('bob', 'inv-1', 1000))
  expect(reasons(await desk.handle(foreign))).toEqual(['not_registered_yet'])
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  expect(await moved(desk)).toEqual(['held 150', 'held 375', 'reversed 125', 'reversed 50'])
  expect((await desk.said('reward.held'))[0]!.correlationId).toBe(opened.subject)
  expect((await desk.said('reward.reversed'))[0]!.correlationId).toBe(lost.subject)
  const answers = await desk.rows(
    `select outcome, reason, cardinality(reward_ids) as rewards from decisions
     where event_id = any(?) and revision = 2 order by event_id`,
    [opened.subject, lost.subject, foreign.subject],
  )
  expect(answers).toEqual([
    { outcome: 'processed', reason: null, rewards: 2 },
    { outcome: 'processed', reason: null, rewards: 2 },
    { outcome: 'ignored', reason: 'currency_mismatch', rewards: 0 },
  ])
  expect(await desk.rows('select from disputes where waits')).toEqual([])
})

test('what changes nothing says nothing but its answer', async () => {
  const desk = await openPaidShop()
  await desk.handle(refunded('inv-1', 'r-1', 1000))
  const before = (await desk.said()).length
  expect(
    reasons(
      await desk.handle(
        disputed('inv-1', 'd-1', 'opened'),
        disputed('inv-1', 'd-1', 'lost'),
        disputed('inv-1', 'd-1', 'won'),
        disputed('inv-1', 'd-1', 'lost', { amount: 1 }),
      ),
    ),
  ).toEqual(['nothing_to_hold', 'nothing_to_reverse', 'dispute_conflict', 'dispute_conflict'])
  expect((await desk.said()).slice(before).map(({ type }) => type)).toEqual(Array(4).fill('decision.recorded'))
  expect(await endState(desk)).toMatchObject([
    { reversed: 500, moved: 0, holds: [] },
    { reversed: 200, moved: 0, holds: [] },
  ])
})

type OnRewards = Readonly<{ screens: 'passed' | 'held' | 'failed'; revision: number }> | Readonly<{ people: 'hold' }>
type Step = (tag: string) => Envelope | OnRewards

const refundStep = fc
  .tuple(fc.constantFrom('r-1', 'r-2', 'r-3'), fc.integer({ min: 1, max: 3000 }))
  .map(([id, amount]) => ({ key: id, make: ((tag) => refunded(`inv-${tag}`, id, amount)) as Step }))
const disputeStep = fc
  .record({
    id: fc.constantFrom('d-1', 'd-2'),
    status: fc.constantFrom('opened' as const, 'won' as const, 'lost' as const),
    amount: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
    currency: fc.constantFrom(undefined, 'USD', 'EUR'),
  })
  .map(({ id, status, amount, currency }) => ({
    key: `${id} ${status}`,
    make: ((tag) =>
      disputed(`inv-${tag}`, id, status, {
        ...(amount === undefined ? {} : { amount }),
        ...(currency === undefined ? {} : { currency }),
      })) as Step,
  }))
const screeningStep = fc
  .tuple(fc.constantFrom('passed' as const, 'held' as const, 'failed' as const), fc.integer({ min: 1, max: 4 }))
  .map(([screens, revision]) => ({ key: `screening ${revision}`, make: (() => ({ screens, revision })) as Step }))

const personStep = fc.constant({ key: 'person', make: (() => ({ people: 'hold' })) as Step })

test('payment, registration, refunds, disputes, screenings and holds by people end in the same state, in whatever order and batches', async () => {
  const counter = await openCounter()
  const desk = await openShop(counter.service.database)
  let run = 0
  const steps = fc.uniqueArray(fc.oneof(refundStep, disputeStep, disputeStep, screeningStep, personStep), {
    maxLength: 8,
    selector: (step) => step.key,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5000 }),
      steps,
      fc.array(fc.nat(), { minLength: 16, maxLength: 16 }),
      async (amount, given, keys) => {
        const play = async (isMixed: boolean) => {
          const tag = String(++run)
          const events: ReturnType<Step>[] = [
            registered(`bob-${tag}`, { referralCode: 'ann' }),
            paid(`bob-${tag}`, `inv-${tag}`, amount),
            ...given.map(({ make }) => make(tag)),
          ]
          // Redelivered under a new message: the same event again.
          const all = isMixed ? [...events, ...events.filter((_event, index) => keys[index]! % 3 === 0)] : events
          const order = isMixed ? all.toSorted((one, other) => keyOf(all, one) - keyOf(all, other)) : all
          await deliver(desk, counter, tag, order)
          const rows = (await endState(desk)) as { cause: string; granted: number; reversed: number; holds: string[] }[]
          // People are not let hold what is gone, and gone is gone, whoever held it before.
          return rows
            .filter(({ cause }) => cause === `invoice:inv-${tag}`)
            .map((row) => ({ ...row, cause: '', holds: row.reversed < row.granted ? row.holds : [] }))
        }
        const keyOf = (all: readonly unknown[], one: unknown) => keys[all.indexOf(one) % keys.length]!
        expect(await play(true)).toEqual(await play(false))
      },
    ),
    { numRuns: 20 },
  )
  expect(
    await desk.rows(
      'select (select count(*)::int from refunds where waits) + (select count(*)::int from disputes where waits) as n',
    ),
  ).toEqual([{ n: 0 }])
}, 90_000)

/** Neighbours of one type go together, as the library batches them; what is about rewards waits until there are any. */
async function deliver(desk: Desk, counter: Counter, tag: string, order: readonly ReturnType<Step>[]): Promise<void> {
  const rewardIds = async () =>
    (await desk.rows<{ id: string }>('select id from rewards where cause = ?', `invoice:inv-${tag}`)).map(
      ({ id }) => id,
    )
  const later: ReturnType<Step>[] = []
  let batch: Envelope[] = []
  const flush = async () => {
    if (batch.length > 0) await desk.handle(...batch)
    batch = []
  }
  for (const one of order) {
    if ('screens' in one || 'people' in one) {
      await flush()
      const ids = await rewardIds()
      if (ids.length === 0) later.push(one)
      for (const id of ids) {
        if ('screens' in one) await desk.handle(screened(id, one.screens, one.revision))
        else await counter.ask('POST', `/api/v1/rewards/${id}/hold`, { reason: 'odd' })
      }
    } else {
      if (batch[0] !== undefined && batch[0].type !== one.type) await flush()
      batch.push(one)
    }
  }
  await flush()
  if (later.length > 0) await deliver(desk, counter, tag, later)
}
