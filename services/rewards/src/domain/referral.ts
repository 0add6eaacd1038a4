import type { AttributionTerms } from './attribution.ts'
import { type CodeOwner, codeKey } from './referral-code.ts'
import { chooseTouch, type JudgedTouch, type Refusal, type Touch, type TouchOutcome, type Whose } from './touch.ts'

export type ReferralState = 'registered' | 'converted' | 'rejected' | 'expired'

/** What a referral can become. Expiry is provisional: a payment that happened in time and is told late still converts. */
export const referralTransitions: Readonly<Record<ReferralState, readonly ReferralState[]>> = {
  registered: ['converted', 'rejected', 'expired'],
  converted: [],
  rejected: [],
  expired: ['converted', 'rejected'],
}

/** Who brought a customer. */
export type Referral = Readonly<{
  id: string
  referrerId: string
  refereeId: string
  state: ReferralState
  attributedMs: number
  /** Until when the first payment has to happen; null for never too late. */
  expiresMs: number | null
  /** Said of somebody who had registered without it: what they did before it earns nothing. */
  isLate: boolean
}>

/** What we know of a customer the app told us about. `userId` is null until they register. */
export type Referee = Readonly<{ externalUserId: string; userId: string | null; referral: Referral | null }>

/** `touches` are in any order. */
export type Registration = Readonly<{ email: string | null; registeredMs: number; touches: readonly Touch[] }>

/** What attributing goes by. */
export type Attributing = Readonly<{
  terms: AttributionTerms
  whoseIs(code: string): Whose
  /** Who brought whom, as far up as it may matter: the referrer by the referee. */
  brought: ReadonlyMap<string, string>
}>

/** How a registration was understood; the reason is null where it brought a referral. The touches are as judged. */
export type Attribution = Readonly<{ touches: readonly JudgedTouch[] }> &
  (
    | Readonly<{ kind: 'attributed'; owner: CodeOwner; reason: null }>
    | Readonly<{ kind: 'rejected'; owner: CodeOwner; reason: Refusal }>
    | Readonly<{ kind: 'none'; reason: 'no_code' | 'already_attributed' | (typeof whyNobody)[number] }>
  )

/** Why nobody was chosen, the nearest miss first. */
const whyNobody = [
  'outside_touch_window',
  'touch_after_registration',
  'code_retired',
  'code_unknown',
] as const satisfies readonly TouchOutcome[]

/**
 * Who brought this customer, if anybody. The first referral stays, whatever comes later. Nobody refers themselves,
 * neither by their own code nor under another name with the same e-mail address, and nobody is brought by whom they
 * brought: where there is nothing better, such a referral is kept as rejected.
 */
export function attribute(
  { email, registeredMs, touches }: Registration,
  referee: Referee & { userId: string },
  { terms, whoseIs, brought }: Attributing,
): Attribution {
  if (referee.referral !== null) return { kind: 'none', reason: 'already_attributed', touches: [] }
  if (touches.every(({ code }) => codeKey(code) === '')) return { kind: 'none', reason: 'no_code', touches: [] }
  const refusalOf = (owner: CodeOwner) => refusalOfReferrer(owner, { userId: referee.userId, email }, brought)
  const judged = chooseTouch(touches, { terms, registeredMs, whoseIs, refusalOf })
  for (const { outcome, owner } of judged) {
    if (outcome === 'chosen') return { kind: 'attributed', owner: owner!, reason: null, touches: judged }
  }
  for (const { outcome, owner } of judged) {
    if (isRefusal(outcome)) return { kind: 'rejected', owner: owner!, reason: outcome, touches: judged }
  }
  const reason = whyNobody.find((why) => judged.some(({ outcome }) => outcome === why))!
  return { kind: 'none', reason, touches: judged }
}

type Person = Readonly<{ userId: string; email: string | null }>

/** Why this person may not be said to have brought that customer, however it is said; null if they may. */
export function refusalOfReferrer(
  referrer: Person,
  referee: Person,
  brought: ReadonlyMap<string, string>,
): Refusal | null {
  if (referrer.userId === referee.userId || isSameEmail(referrer.email, referee.email)) return 'self_referral'
  const seen = new Set<string>()
  let above = brought.get(referrer.userId)
  while (above !== undefined && !seen.has(above)) {
    if (above === referee.userId) return 'circular_referral'
    seen.add(above)
    above = brought.get(above)
  }
  return null
}

function isRefusal(outcome: TouchOutcome): outcome is Refusal {
  return outcome === 'self_referral' || outcome === 'circular_referral'
}

/** Whether two addresses are the same, whatever the case of their letters. No address is like no other. */
export function isSameEmail(one: string | null, other: string | null): boolean {
  const [left, right] = [one, other].map((email) => email?.trim().toLowerCase() ?? '')
  return left !== '' && left === right
}
