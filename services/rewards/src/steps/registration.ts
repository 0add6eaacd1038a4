import type { Context } from '@tributary/messaging'
import { causeOfRegistration } from '../domain/cause.ts'
import { decideOccasion, type OccasionDecision } from '../domain/occasion.ts'
import { type Attribution, attribute, type Referral } from '../domain/referral.ts'
import type { Touch } from '../domain/touch.ts'
import { ignoredFor, processed, type Verdict } from '../domain/verdict.ts'
import { visibleData } from '../domain/visible-data.ts'
import type { User } from '../store/users.ts'
import { type AttributionState, attributingAt, attributionTrace, keptTouches, referralOf } from './attribution.ts'
import { type Effects, mergeEffects, noEffects } from './effects.ts'
import { rewardsOf } from './grant.ts'
import { decideLate, type LateState } from './late.ts'
import { decisionOn, type RefereeSenderEvent } from './sender-event.ts'

export type RegistrationState = LateState &
  AttributionState &
  Readonly<{
    users: Map<string, User>
    /** Ids of users that this batch created and has not announced yet. */
    unannounced: Set<string>
  }>

export type Registered = Readonly<{ email: string | null; name: string | null; touches: readonly Touch[] }>

/** Decides a registration: the customer becomes a user, perhaps somebody's referral, and what waited for them is decided. */
export function decideRegistration(
  state: RegistrationState,
  event: RefereeSenderEvent,
  data: Registered,
  payload: unknown,
  context: Context,
): Readonly<{ verdict: Verdict; effects: Effects }> {
  const { externalUserId } = event
  const user = state.users.get(externalUserId)!
  const before = state.referees.get(externalUserId)!
  // The address may be known from the API, and not be told again.
  const registration = { email: data.email ?? user.email, registeredMs: event.timeMs, touches: data.touches }
  const attributing = attributingAt(state, event.timeMs)
  const attribution = attribute(registration, { ...before, userId: user.id }, attributing)
  const { terms } = attributing
  const isFirst = before.userId === null
  const made = { id: context.newId(), refereeId: user.id, attributedMs: event.timeMs, isLate: !isFirst, terms }
  const referral = referralOf(attribution, made)
  state.referees.set(externalUserId, { ...before, userId: user.id, referral: referral ?? before.referral })
  if (referral?.state === 'registered') state.brought.set(user.id, referral.referrerId)

  const asked = referral?.state === 'registered' ? ask(state, event, payload) : null
  const decided = asked?.kind === 'evaluated' ? asked : null
  const cause = causeOfRegistration(externalUserId)
  const grants = decided?.evaluation.grants ?? []
  state.counting.spend(grants)
  const rewards = decided ? rewardsOf(grants, { event, cause, referral: decided.referral, newId: context.newId }) : []
  const verdict = isFirst || referral !== null ? processed : ignoredFor('user_already_registered')
  const trace = {
    registration: { isFirst, ...attributionTrace(attribution, terms) },
    rules: decided?.evaluation.trace ?? [],
  }
  const own: Effects = {
    ...noEffects,
    ...people(state, event, data, user, isFirst),
    referrals: referral === null ? [] : [newReferral(referral, attribution, terms.version, event)],
    touches:
      attribution.touches.length === 0
        ? []
        : [{ eventId: event.eventId, refereeId: user.id, touches: keptTouches(attribution) }],
    occasions: decided ? [{ ...event, cause, occasion: decided.occasion }] : [],
    rewards,
    decisions: [decisionOn(event, { id: context.newId(), verdict, rewardIds: rewards.map((one) => one.id), trace })],
  }
  const late = isFirst ? decideLate(state, externalUserId, event.eventId, context) : noEffects
  return { verdict, effects: mergeEffects([own, late]) }
}

function people(
  state: RegistrationState,
  event: RefereeSenderEvent,
  { email, name }: Registered,
  user: User,
  isFirst: boolean,
): Pick<Effects, 'members' | 'profiles' | 'registrations'> {
  const { externalUserId, timeMs, because } = event
  const isNew = state.unannounced.delete(user.id)
  const completes = (email !== null && user.email === null) || (name !== null && user.name === null)
  if (completes) state.users.set(externalUserId, { ...user, email: user.email ?? email, name: user.name ?? name })
  return {
    members: isNew ? [{ userId: user.id, externalUserId, because }] : [],
    profiles: completes ? [{ userId: user.id, email, name }] : [],
    registrations: isFirst ? [{ externalUserId, userId: user.id, at: new Date(timeMs) }] : [],
  }
}

function newReferral(
  { attributedMs, expiresMs, ...referral }: Referral,
  attribution: Attribution,
  settingsVersion: number,
  { because }: RefereeSenderEvent,
): Effects['referrals'][number] {
  const code = attribution.kind === 'none' ? null : attribution.owner.code
  const expiresAt = expiresMs === null ? null : new Date(expiresMs)
  const told = { code, reason: attribution.reason, attributedAt: new Date(attributedMs), expiresAt, settingsVersion }
  return { ...referral, ...told, because }
}

function ask(state: RegistrationState, event: RefereeSenderEvent, payload: unknown): OccasionDecision {
  const { type, timeMs, externalUserId } = event
  const asked = { type, timeMs, amount: null, currency: null, invoice: null, data: visibleData(payload) }
  return decideOccasion(state.referees.get(externalUserId)!, asked, state.rules.get(type) ?? [], state.counting)
}
