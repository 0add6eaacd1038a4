import { type CodeOwner, codeKey } from './referral-code.ts'

export type ReferralState = 'registered' | 'converted' | 'rejected' | 'expired'

/** What a referral can become. The first payment converts it; what ended stays so. */
export const referralTransitions: Readonly<Record<ReferralState, readonly ReferralState[]>> = {
  registered: ['converted', 'rejected', 'expired'],
  converted: [],
  rejected: [],
  expired: [],
}

/** Who brought a customer. */
export type Referral = Readonly<{
  id: string
  referrerId: string
  refereeId: string
  state: ReferralState
  attributedMs: number
}>

/** What we know of a customer the app told us about. `userId` is null until they register. */
export type Referee = Readonly<{ externalUserId: string; userId: string | null; referral: Referral | null }>

export type Registration = Readonly<{ email: string | null; referralCode: string | null }>

/** How a registration with a code was understood; the reason is null where it brought a referral. */
export type Attribution =
  | Readonly<{ kind: 'attributed'; owner: CodeOwner; reason: null }>
  | Readonly<{ kind: 'rejected'; owner: CodeOwner; reason: 'self_referral' }>
  | Readonly<{ kind: 'none'; reason: 'no_code' | 'code_unknown' | 'already_attributed' }>

/**
 * Who brought this customer, if anybody. The first referral stays, whatever comes later. Nobody refers themselves,
 * neither by their own code nor under another name with the same e-mail address; such a referral is kept as rejected.
 */
export function attribute(
  { email, referralCode }: Registration,
  referee: Referee & { userId: string },
  owner: CodeOwner | undefined,
): Attribution {
  if (referee.referral !== null) return { kind: 'none', reason: 'already_attributed' }
  if (referralCode === null || codeKey(referralCode) === '') return { kind: 'none', reason: 'no_code' }
  if (owner === undefined) return { kind: 'none', reason: 'code_unknown' }
  if (owner.userId === referee.userId || isSameEmail(owner.email, email)) {
    return { kind: 'rejected', owner, reason: 'self_referral' }
  }
  return { kind: 'attributed', owner, reason: null }
}

/** Whether two addresses are the same, whatever the case of their letters. No address is like no other. */
export function isSameEmail(one: string | null, other: string | null): boolean {
  const [left, right] = [one, other].map((email) => email?.trim().toLowerCase() ?? '')
  return left !== '' && left === right
}
