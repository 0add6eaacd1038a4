import { expect, it } from 'vitest'
import { eventTime, lowestIdAt, timeOfId } from './event-time.ts'

const receivedAt = new Date('2026-03-01T12:00:00.000Z')

it.each([
  ['2026-02-28T12:00:00.000Z', 'its own'],
  ['2019-07-01T00:00:00.000Z', 'its own'],
  ['2000-01-01T00:00:00.000Z', 'its own'],
  ['2026-03-01T12:05:00.000Z', 'its own'],
  ['2026-03-01T12:05:00.001Z', 'received'],
  ['2099-01-01T00:00:00.000Z', 'received'],
  ['1999-12-31T23:59:59.999Z', 'received'],
  ['1970-01-01T00:00:00.000Z', 'received'],
])('an event stated for %s takes the time that is %s', (stated, expected) => {
  const time = new Date(stated)
  expect(eventTime(time, receivedAt)).toEqual(expected === 'its own' ? time : receivedAt)
})

it('an event that states no time happened when it was received', () => {
  expect(eventTime(null, receivedAt)).toEqual(receivedAt)
})

it('an instant has a lowest id, which holds it', () => {
  expect(lowestIdAt(receivedAt)).toBe('019ca945-0a00-0000-0000-000000000000')
  expect(timeOfId(lowestIdAt(receivedAt))).toEqual(receivedAt)
  expect(lowestIdAt(new Date(-1))).toBe('00000000-0000-0000-0000-000000000000')
  // The example of RFC 9562.
  expect(timeOfId('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toEqual(new Date('2022-02-22T19:22:22.000Z'))
})
