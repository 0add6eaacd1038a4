import { expect, it } from 'vitest'
import { whyNotForced } from './force.ts'

const is = (status: string, reason: string | null = null) => ({ eventId: 'e', status, reason })

it.each([
  ['was ignored', [is('ignored', 'no_rule')], null],
  ['and all made of it were ignored', [is('ignored', 'no_rule'), is('ignored', 'no_rule')], null],
  ['was processed', [is('processed')], 'was processed'],
  ['was ignored, one made of it was processed', [is('ignored', 'no_rule'), is('processed')], 'was processed'],
  ['was ignored, one made of it is not decided', [is('ignored', 'no_rule'), is('received')], 'is received'],
  ['is parked', [is('parked')], 'is parked'],
  ['waits for its release', [is('deferred')], 'is deferred'],
  ['waits for a registration', [is('ignored', 'not_registered_yet')], 'once its customer registers'],
])('an event that %s', (_, family, why) => {
  const answer = whyNotForced(family)
  if (why === null) expect(answer).toBeNull()
  else expect(answer).toContain(why)
})
