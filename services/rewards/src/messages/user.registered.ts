import { type Envelope, type EventData, userRegistered } from '@tributary/contracts'
import type { Transaction } from '@tributary/database'
import { consume, type LoadContext } from '@tributary/messaging'
import { codeKey } from '../domain/referral-code.ts'
import { mergeEffects, noEffects } from '../steps/effects.ts'
import { loadLate, type People } from '../steps/late.ts'
import { LATE_MAX } from '../steps/lock-anchors.ts'
import { lockCustomers } from '../steps/lock-customers.ts'
import { decideRegistration, type RegistrationState } from '../steps/registration.ts'
import { saveEffects } from '../steps/save-effects.ts'
import { alreadyDecided, arrivedEvent, earliest, outcomeOf } from '../steps/sender-event.ts'
import { listDecided } from '../store/decisions.ts'
import { lockCodeOwners } from '../store/referral-codes.ts'
import { findOrCreateUsers } from '../store/users.ts'

type Registered = Envelope<EventData<typeof userRegistered>>
type State = RegistrationState & Readonly<{ decided: Set<string> }>

/** A customer signed up, perhaps with a referral code. What came too early, such as their first payment, is decided now. */
export const onUserRegistered = consume(userRegistered, {
  load,

  decide(state, event, context) {
    if (state.decided.has(event.subject)) return [{ outcome: alreadyDecided, effects: noEffects }, state]
    state.decided.add(event.subject)
    const { externalUserId, email, name, referralCode = null } = event.data
    const arrived = arrivedEvent(event, externalUserId)
    const known = { email: textOf(email), name: textOf(name), referralCode }
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
  const owners = await lockCodeOwners(
    tx,
    events.flatMap((event) => event.data.referralCode ?? []),
  )
  const people = Map.groupBy(
    events.flatMap(({ time, data: { externalUserId, referralCode = '' } }) => {
      const known = referees.get(externalUserId)?.referral
      const referrerId = known?.referrerId ?? owners.get(codeKey(referralCode))?.userId
      if (referrerId === undefined) return []
      const refereeId = users.get(externalUserId)!.id
      return [{ externalUserId, time, referrerId, refereeId, referralId: known?.id ?? null }]
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
  return { ...late, users, unannounced: created, owners, decided }
}

/** What a sender left blank was not told. */
const textOf = (text: string | undefined): string | null => text?.trim() || null
