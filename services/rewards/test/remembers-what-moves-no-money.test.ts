import { subscriptionCancelled } from '@tributary/contracts'
import { expect, test } from 'vitest'
import { envelope, openDesk, paid, registered, seedReferrer, seedRule } from './desk.ts'

test('cancellations are remembered, answered with the reason, and move nothing', async () => {
  const desk = await openDesk()
  await seedReferrer(desk)
  await seedRule(desk)
  await desk.handle(registered('bob', { referralCode: 'ann' }))
  await desk.handle(paid('bob', 'inv-1', 1000))
  const said = (await desk.said()).length
  const cancelled = envelope(subscriptionCancelled, subscriptionCancelled.type, {
    externalUserId: 'bob',
    subscriptionId: 'sub',
  })
  expect(await desk.handle(cancelled)).toEqual([{ kind: 'ignored', reason: 'cancellations_change_nothing_yet' }])
  expect((await desk.said()).slice(said).map(({ type, data }) => [type, data.eventId, data.outcome])).toEqual([
    ['decision.recorded', cancelled.subject, 'ignored'],
  ])
  expect(await desk.rows('select about, payload from facts order by event_id')).toEqual([
    { about: 'sub', payload: { externalUserId: 'bob', subscriptionId: 'sub' } },
  ])
})
