import { type Envelope, type EventData, userRegistered } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { consume, type LoadContext } from '@tributary/messaging'
import { codeKey } from '../domain/referral-code.ts'
import { lockAttribution, touchesOf } from '../steps/attribution.ts'
import { mergeEffects, noEffects } from '../steps/effects.ts'
import { loadLate, type People } from '../steps/late.ts'
import { LATE_MAX } from '../steps/lock-anchors.ts'
import { lockCustomers } from '../steps/lock-customers.ts'
import { decideRegistration, type RegistrationState } from '../steps/registration.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, earliest, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'
import { findOrCreateUsers } from '../store/users.ts'

type Registered = Envelope<EventData<typeof userRegistered>>
type State = RegistrationState & Readonly<{ decided: Set<string> }>

/** A customer signed up, perhaps with a referral code. What came too early, such as their first payment, is decided now. */
export const onUserRegistered = consume(userRegistered, {
  load,

  decide(state, event, context) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const { externalUserId, email, name } = event.data
    const arrived = arrivedEvent(event, externalUserId)
    const known = { email: textOf(email), name: textOf(name), touches: touchesOf(event.data, arrived.timeMs) }
    const payload = userRegistered.data.encode(event.data)
    const { verdict, effects } = decideRegistration(state, arrived, known, payload, context)
    return [{ outcome: outcomeOf(verdict), effects }, state]
  },

  async save(tx, decided, publish, { now }) {
    await saveEffects(tx, publish, mergeEffects(decided.map(({ decision }) => decision.effects)), now)
  },
})

/** Locks customers, then invoices: the order that everyone keeps to. */
async function load(tx: Transaction, all: readonly Registered[], context: LoadContext): Promise<State> {
  const { now, newId } = context
  const referees = await lockCustomers(tx, all, context)
  const decided = await listDecided(
    tx,
    all.map((event) => event.subject),
  )
  // What was decided before makes nobody: who has been erased since must not come back with a replay.
  const events = all.filter(({ subject }) => !decided.has(subject))
  const newcomers = new Map(
    events.toReversed().map(({ data: { externalUserId, email, name } }) => {
      const known = { email: textOf(email), name: textOf(name) }
      return [externalUserId, { id: newId(), externalId: externalUserId, ...known }]
    }),
  )
  const { users, created } = await findOrCreateUsers(tx, [...newcomers.values()], now)
  const touches = (event: Registered) => touchesOf(event.data, Date.parse(event.time))
  const attribution = await lockAttribution(tx, events.flatMap(touches), {
    refereeIds: events.map(({ data }) => users.get(data.externalUserId)!.id),
    until: new Date(Math.max(...events.map(({ time }) => Date.parse(time)), 0)),
  })
  const people = Map.groupBy(
    events.flatMap((event) => {
      const { externalUserId } = event.data
      const known = referees.get(externalUserId)?.referral
      // Whichever touch will be chosen.
      const owners = touches(event).flatMap(({ code }) => attribution.owners.get(codeKey(code))?.userId ?? [])
      const referrerIds = known ? [known.referrerId] : [...new Set(owners)]
      const refereeId = users.get(externalUserId)!.id
      const common = { externalUserId, time: event.time, refereeId, referralId: known?.id ?? null }
      return referrerIds.map((referrerId) => ({ ...common, referrerId }))
    }),
    ({ externalUserId }) => externalUserId,
  )
  const late = await loadLate(tx, referees, {
    max: LATE_MAX,
    own: events.flatMap(({ type, time, data: { externalUserId } }) =>
      (people.get(externalUserId) ?? []).map((one) => ({ ...one, type, timeMs: Date.parse(time), payment: null })),
    ),
    since: earliest(all),
    peopleOf: (externalUserId): readonly People[] => people.get(externalUserId) ?? [],
  })
  return { ...late, ...attribution, users, unannounced: created, decided }
}

/** What a sender left blank was not told. */
const textOf = (text: string | undefined): string | null => text?.trim() || null
