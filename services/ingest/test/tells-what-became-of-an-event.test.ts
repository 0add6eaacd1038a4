import { randomUUID } from 'node:crypto'
import type { Envelope } from '@tributary/contracts'
import { inTransaction } from '@tributary/database'
import type { Consumer } from '@tributary/messaging'
import { toCursor } from '@tributary/service-kit'
import { beforeAll, describe, expect, it } from 'vitest'
import { onCashoutCancelled } from '../src/messages/cashout.cancelled.ts'
import { onCashoutFailed } from '../src/messages/cashout.failed.ts'
import { onCashoutPaid } from '../src/messages/cashout.paid.ts'
import { onCashoutRejected } from '../src/messages/cashout.rejected.ts'
import { onCashoutRequested } from '../src/messages/cashout.requested.ts'
import { onCashoutReturned } from '../src/messages/cashout.returned.ts'
import { onDecisionRecorded } from '../src/messages/decision.recorded.ts'
import { onParked } from '../src/messages/parked.ts'
import { onRewardHeld } from '../src/messages/reward.held.ts'
import { onRewardReleased } from '../src/messages/reward.released.ts'
import { onRewardResumed } from '../src/messages/reward.resumed.ts'
import { onRewardReversed } from '../src/messages/reward.reversed.ts'
import { onScreeningFailed } from '../src/messages/screening.failed.ts'
import { onScreeningHeld } from '../src/messages/screening.held.ts'
import { onTransferPosted } from '../src/messages/transfer.posted.ts'
import { onTransferRefused } from '../src/messages/transfer.refused.ts'
import { get, type Ingest, newId, paid, send, startIngest, webhook } from './sender.ts'

let ingest: Ingest
beforeAll(async () => {
  ingest = await startIngest()
})

type Event = { status: string; effects: Record<string, unknown>[] }
const at = '2026-03-01T12:00:01.000Z'
const eventOf = async (eventId: string) => (await get<Event>(ingest, `/api/v1/webhooks/events/${eventId}`)).body

function told(eventId: string, type: string, data: object): Envelope {
  const subject = randomUUID()
  return {
    messageId: subject,
    subject,
    type,
    source: 'x',
    time: at,
    correlationId: eventId,
    causationId: eventId,
    traceparent: null,
    data,
  }
}
const decision = (eventId: string, outcome: string, revision: number, more: object = {}) =>
  told(eventId, 'decision.recorded', {
    decisionId: randomUUID(),
    eventId,
    outcome,
    reason: null,
    rewardIds: [],
    revision,
    ...more,
  })
const parked = (eventId: string) =>
  told(eventId, 'rewards.parked', {
    parkedId: randomUUID(),
    service: 'rewards',
    subject: eventId,
    type: 'subscription.paid',
    reason: 'it broke',
  })
const posted = (eventId: string) =>
  told(eventId, 'transfer.posted.earn', { transferId: randomUUID(), kind: 'earn', postedAt: at })

/** Handles messages as the library does: in one transaction, as the role that the service works as. */
async function hears(consumer: Consumer, events: readonly Envelope[]) {
  const publish = () => {
    throw new Error('ingest publishes nothing in answer')
  }
  return await inTransaction(ingest.db, (tx) =>
    consumer.handle(tx, events, publish, { now: new Date(), newId: randomUUID }),
  )
}

async function newEvent(type?: string): Promise<string> {
  const { body } = await send(ingest, { body: webhook(paid, type) })
  return body.eventId
}

describe('an event', () => {
  it('is received until something is heard of it', async () => {
    expect(await eventOf(await newEvent())).toMatchObject({ status: 'received', effects: [], body: { data: paid } })
  })

  it('tells each effect with its service, in the order of hearing', async () => {
    const eventId = await newEvent()
    const rewardId = randomUUID()
    await hears(onDecisionRecorded, [decision(eventId, 'processed', 1, { rewardIds: [rewardId] })])
    await hears(onTransferPosted, [posted(eventId)])
    await hears(onTransferRefused, [
      told(eventId, 'transfer.refused', { causeId: randomUUID(), reason: 'no_such_reward' }),
    ])
    const { status, effects } = await eventOf(eventId)
    expect(status).toBe('processed')
    expect(effects.map(({ service, kind, outcome, reason }) => [service, kind, outcome, reason])).toEqual([
      ['rewards', 'decision', 'processed', undefined],
      ['rewards', 'reward', 'earned', undefined],
      ['ledger', 'transfer.earn', 'posted', undefined],
      ['ledger', 'transfer', 'refused', 'no_such_reward'],
    ])
    expect(effects[1]).toMatchObject({ id: rewardId, at })
  })

  it('that took something back says so', async () => {
    const { body } = await send(ingest, {
      body: webhook({ invoiceId: 'in_1', refundId: 're_1', amount: 1, currency: 'USD' }, 'payment.refunded'),
    })
    await hears(onDecisionRecorded, [decision(body.eventId, 'processed', 1, { rewardIds: [randomUUID()] })])
    // The decision told it; what rewards says of the very same movement adds nothing.
    const data = {
      rewardId: randomUUID(),
      transactionId: randomUUID(),
      userId: randomUUID(),
      amount: 1n,
      currency: 'USD',
    }
    await hears(onRewardReversed, [told(body.eventId, 'reward.reversed', { ...data, reason: 'refunded' })])
    const { effects } = await eventOf(body.eventId)
    expect(effects).toHaveLength(2)
    expect(effects[1]).toMatchObject({ kind: 'reward', outcome: 'reversed' })
  })

  it('tells its whole chain: what was held, released, taken back, and what was cashed out of it', async () => {
    const eventId = await newEvent()
    const [rewardId, cashoutId] = [randomUUID(), randomUUID()]
    const money = { transactionId: randomUUID(), userId: randomUUID(), amount: 100n, currency: 'USD' }
    const moved = { rewardId, ...money }
    const paidOut = { cashoutId, provider: 'simulator', ...money }
    const screened = {
      screeningId: randomUUID(),
      subject: 'reward',
      subjectId: rewardId,
      revision: 1,
      reason: 'velocity',
    }
    const said: [Consumer, string, object][] = [
      [onScreeningHeld, 'screening.held', screened],
      [onRewardHeld, 'reward.held', { ...moved, sequence: 1, reason: 'velocity' }],
      [onScreeningFailed, 'screening.failed', screened],
      [onRewardResumed, 'reward.resumed', { ...moved, sequence: 2 }],
      [onRewardReleased, 'reward.released', moved],
      [onRewardReversed, 'reward.reversed', { ...moved, reason: 'by_hand' }],
      [onCashoutRequested, 'cashout.requested', paidOut],
      [onCashoutFailed, 'cashout.failed', { ...paidOut, reason: 'account_closed' }],
      [onCashoutRejected, 'cashout.rejected', { ...paidOut, reason: 'by_hand' }],
      [onCashoutCancelled, 'cashout.cancelled', { ...paidOut, reason: 'by_hand' }],
      [onCashoutPaid, 'cashout.paid', paidOut],
      [onCashoutReturned, 'cashout.returned', { ...paidOut, reason: 'account_closed' }],
    ]
    for (const [consumer, type, data] of said) await hears(consumer, [told(eventId, type, data)])
    const { status, effects } = await eventOf(eventId)
    expect(status).toBe('received')
    expect(effects.map(({ service, kind, id, outcome, reason }) => [service, kind, id, outcome, reason])).toEqual([
      ['fraud', 'screening.reward', rewardId, 'held', 'velocity'],
      ['rewards', 'reward', rewardId, 'held', 'velocity'],
      ['fraud', 'screening.reward', rewardId, 'failed', 'velocity'],
      ['rewards', 'reward', rewardId, 'resumed', undefined],
      ['rewards', 'reward', rewardId, 'released', undefined],
      ['rewards', 'reward', rewardId, 'reversed', 'by_hand'],
      ['payouts', 'cashout', cashoutId, 'requested', undefined],
      ['payouts', 'cashout', cashoutId, 'failed', 'account_closed'],
      ['payouts', 'cashout', cashoutId, 'rejected', 'by_hand'],
      ['payouts', 'cashout', cashoutId, 'cancelled', 'by_hand'],
      ['payouts', 'cashout', cashoutId, 'paid', undefined],
      ['payouts', 'cashout', cashoutId, 'returned', 'account_closed'],
    ])
  })

  it('heard of twice has each effect once', async () => {
    const eventId = await newEvent()
    const messages = [decision(eventId, 'ignored', 1, { reason: 'no_referral' }), decision(eventId, 'ignored', 1)]
    await hears(onDecisionRecorded, [...messages, ...messages])
    await hears(onDecisionRecorded, messages)
    expect((await eventOf(eventId)).effects).toHaveLength(2)
  })

  it.each([
    ['ignored', ['ignored 1']],
    ['processed', ['ignored 1', 'processed 2']],
    ['processed', ['processed 2', 'ignored 1']],
    ['parked', ['parked']],
    ['processed', ['parked', 'processed 1']],
    ['processed', ['processed 1', 'parked']],
    ['ignored', ['ignored 1', 'parked', 'parked']],
  ])('is %s after %j, in one batch and one by one', async (status, said) => {
    const messages = (eventId: string) =>
      said.map((word) => {
        const [outcome = '', revision] = word.split(' ')
        return revision ? decision(eventId, outcome, Number(revision)) : parked(eventId)
      })
    const consumerOf = (message: Envelope) => (message.type === 'decision.recorded' ? onDecisionRecorded : onParked)
    const single = await newEvent()
    for (const message of messages(single)) await hears(consumerOf(message), [message])
    expect((await eventOf(single)).status).toBe(status)

    const batched = await newEvent()
    const all = messages(batched)
    for (const consumer of [onDecisionRecorded, onParked]) {
      await hears(
        consumer,
        all.filter((message) => consumerOf(message) === consumer),
      )
    }
    expect((await eventOf(batched)).status).toBe(status)
  })

  it('that nobody sent is ignored', async () => {
    const [known, unknown] = [await newEvent(), randomUUID()]
    const outcomes = await hears(onTransferPosted, [posted(unknown), posted(known)])
    expect(outcomes).toEqual([{ kind: 'ignored', reason: 'not_about_a_webhook' }, { kind: 'done' }])
  })
})

describe('events', () => {
  it('are found by their webhook id', async () => {
    const id = newId()
    const { body } = await send(ingest, { id })
    const found = await get(ingest, `/api/v1/webhooks/events?webhookId=${id}`)
    expect(found.body).toMatchObject({ eventId: body.eventId, webhookId: id, effects: [] })
    expect((await get(ingest, '/api/v1/webhooks/events?webhookId=nobody')).status).toBe(404)
    expect((await get(ingest, `/api/v1/webhooks/events/${randomUUID()}`)).status).toBe(404)
  })

  it('are listed newest first, by type, status and time, page by page', async () => {
    const list = async (query: string) =>
      (
        await get<{ items: { eventId: string }[]; nextCursor: string | null }>(
          ingest,
          `/api/v1/webhooks/events?${query}`,
        )
      ).body
    const ids: string[] = []
    const course = webhook({ externalUserId: 'u' }, 'course.listed')
    for (let index = 0; index < 5; index++) ids.unshift((await send(ingest, { body: course })).body.eventId)
    expect((await list('type=course.listed')).items.map((item) => item.eventId)).toEqual(ids)

    const first = await list('type=course.listed&limit=2')
    const second = await list(`type=course.listed&limit=2&cursor=${first.nextCursor}`)
    const third = await list(`type=course.listed&limit=2&cursor=${second.nextCursor}`)
    expect([first, second, third].flatMap((page) => page.items.map((item) => item.eventId))).toEqual(ids)
    expect(third.nextCursor).toBeNull()

    await hears(onParked, [parked(ids[1]!)])
    expect((await list('type=course.listed&status=parked')).items).toMatchObject([
      { eventId: ids[1], status: 'parked' },
    ])
    expect((await list('type=course.listed&status=received')).items).toHaveLength(4)
    const { body: middle } = await get<{ receivedAt: string }>(ingest, `/api/v1/webhooks/events/${ids[2]}`)
    const time = encodeURIComponent(middle.receivedAt)
    const before = (await list(`type=course.listed&to=${time}`)).items
    const since = (await list(`type=course.listed&from=${time}`)).items
    expect(since.map((item) => item.eventId)).toContain(ids[2])
    expect(before.length + since.length).toBe(5)
    const forged = toCursor(['not-an-id'], { list: 'events' })
    const ofRefusals = toCursor([ids[0]!], { list: 'rejections' })
    for (const query of [
      'status=lost',
      'type=%00',
      'webhookId=%00',
      `cursor=${forged}`,
      `cursor=${ofRefusals}`,
      'from=yesterday',
      'limit=201',
    ]) {
      expect([query, (await get(ingest, `/api/v1/webhooks/events?${query}`)).status]).toEqual([query, 422])
    }
  })

  it('keep the digits of their numbers', async () => {
    const body = webhook(paid).replace('4900', '4900,"big":12345678901234567890,"exact":1.10')
    const { eventId } = (await send(ingest, { body })).body
    const response = await ingest.fetch(`/api/v1/webhooks/events/${eventId}`)
    expect(response.status).toBe(401)
    const { tokenFor } = await import('@tributary/testing')
    const authorization = `Bearer ${await tokenFor(['webhooks:read'])}`
    const text = await (await ingest.fetch(`/api/v1/webhooks/events/${eventId}`, { headers: { authorization } })).text()
    expect(text).toContain('"big":12345678901234567890,"exact":1.10')
  })
})
