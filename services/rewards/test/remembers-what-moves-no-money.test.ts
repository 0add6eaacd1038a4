import { paymentDisputed, subscriptionCancelled } from '@tributary/contracts'
import { expect, test } from 'vitest'
import { envelope, openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

test('disputes and cancellations are remembered, answered with the reason, and move nothing', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  const said = (await desk.said()).length

  const dispute = envelope(paymentDisputed, paymentDisputed.type, {
    invoiceId: 'inv-1',
    disputeId: 'd-1',
    status: 'opened',
  })
  const cancelled = envelope(subscriptionCancelled, subscriptionCancelled.type, {
    externalUserId: 'bob',
    subscriptionId: 'sub',
  })
  expect(await desk.handle(dispute, dispute)).toEqual([
    { kind: 'ignored', reason: 'disputes_change_nothing_yet' },
    { kind: 'ignored', reason: 'already_decided' },
  ])
  expect(await desk.handle(cancelled)).toEqual([{ kind: 'ignored', reason: 'cancellations_change_nothing_yet' }])

  expect((await desk.said()).slice(said).map(({ type, data }) => [type, data.eventId, data.outcome])).toEqual([
    ['decision.recorded', dispute.subject, 'ignored'],
    ['decision.recorded', cancelled.subject, 'ignored'],
  ])
  expect(await desk.rows('select about, payload from facts order by event_id')).toEqual([
    { about: 'inv-1', payload: { invoiceId: 'inv-1', disputeId: 'd-1', status: 'opened' } },
    { about: 'sub', payload: { externalUserId: 'bob', subscriptionId: 'sub' } },
  ])
  expect(await desk.rows('select reversed::int from rewards')).toEqual([{ reversed: 0 }])
})
