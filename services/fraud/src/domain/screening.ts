export const subjects = ['reward', 'cashout', 'referral'] as const
/** What can be screened. */
export type Subject = (typeof subjects)[number]

export const decisions = ['passed', 'held', 'failed'] as const
/** How a screening can end. */
export type Decision = (typeof decisions)[number]

/** What fraud knows of a reward when it screens it. */
export type RewardToScreen = Readonly<{ rewardId: string }>

/** The ids of the subjects that have been screened already; what a batch adds counts for the rest of it. */
export type Screened = ReadonlySet<string>

export type Verdict = Readonly<{ kind: 'screened'; decision: Decision }> | Readonly<{ kind: 'already_screened' }>

/** Screens a reward, once: asked again about the same reward, it says so. Until there are fraud rules, every reward passes. */
export function screenReward(screened: Screened, reward: RewardToScreen): readonly [Verdict, Screened] {
  if (screened.has(reward.rewardId)) return [{ kind: 'already_screened' }, screened]
  return [{ kind: 'screened', decision: 'passed' }, new Set(screened).add(reward.rewardId)]
}
