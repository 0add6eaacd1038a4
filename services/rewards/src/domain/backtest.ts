import { afterSpending, type CapUse, capKeysOf, noUse, returnOf, textOf } from './cap.ts'
import { evaluateRules, type Grant } from './evaluation.ts'
import type { Occasion } from './requirement.ts'
import { isDuring, type RuleVersion } from './rule.ts'

/** A reward as it was given, or would have been. */
export type Given = Readonly<{ ruleId: string; beneficiary: string; userId: string; currency: string; amount: bigint }>

/** An event that rules were asked about, and what it earned then. */
export type Replayed = Readonly<{ eventId: string; cause: string; occasion: Occasion; actual: readonly Given[] }>

/** What was taken back of a capped reward between two events. */
export type Returned = Readonly<{
  cause: string
  ruleId: string
  beneficiary: string
  amount: bigint
  granted: bigint
}>

export type Sum = Readonly<{ rewards: number; amount: bigint }>

/** Where an event would have earned something else than it did. */
export type Difference = Readonly<{
  eventId: string
  ruleId: string
  beneficiary: string
  simulated: bigint
  actual: bigint
}>

export type BacktestResult = Readonly<{
  events: number
  rules: ReadonlyMap<string, Readonly<{ currency: string; simulated: Sum; actual: Sum }>>
  users: ReadonlyMap<string, Readonly<{ userId: string; currency: string; simulated: bigint; actual: bigint }>>
  differences: number
  examples: readonly Difference[]
}>

export type Backtest = Readonly<{
  /** Asks the rules about the next event, in the order in which it was asked about then. */
  ask(replayed: Replayed): void
  giveBack(returned: Returned): void
  result(): BacktestResult
}>

const EXAMPLES_MAX = 20
const noSum: Sum = { rewards: 0, amount: 0n }

type CappedReward = { readonly grant: Grant; readonly occasion: Occasion; left: bigint }

/** Asks rules about what happened, in the same order, with caps of their own; events outside the period only use up caps. */
export function newBacktest(rules: readonly RuleVersion[], period: { fromMs: number; toMs: number }): Backtest {
  const uses = new Map<string, CapUse>()
  /** What is left of rewards whose caps may be given back to. */
  const capped = new Map<string, CappedReward>()
  const byRule = new Map<string, { currency: string; simulated: Sum; actual: Sum }>()
  const byUser = new Map<string, { userId: string; currency: string; simulated: bigint; actual: bigint }>()
  const examples: Difference[] = []
  let events = 0
  let differences = 0

  const spend = (grant: Grant, cause: string, occasion: Occasion) => {
    for (const spending of grant.spendings) {
      const key = textOf(spending.key)
      uses.set(key, afterSpending(uses.get(key) ?? noUse, spending))
    }
    if (grant.spendings.length === 0) return
    capped.set(`${cause}/${grant.ruleId}/${grant.beneficiary}`, { grant, occasion, left: grant.amount })
  }

  const tally = (side: 'simulated' | 'actual', { ruleId, userId, currency, amount }: Given) => {
    const rule = byRule.get(ruleId) ?? { currency, simulated: noSum, actual: noSum }
    const { rewards, amount: before } = rule[side]
    byRule.set(ruleId, { ...rule, [side]: { rewards: rewards + 1, amount: before + amount } })
    const key = `${userId}/${currency}`
    const user = byUser.get(key) ?? { userId, currency, simulated: 0n, actual: 0n }
    byUser.set(key, { ...user, [side]: user[side] + amount })
  }

  return {
    ask({ eventId, cause, occasion, actual }) {
      const { grants } = evaluateRules(rules, occasion, (key) => uses.get(key) ?? noUse)
      for (const grant of grants) spend(grant, cause, occasion)
      if (!isDuring(period, occasion.timeMs)) return
      events += 1
      const simulated = grants.map((grant) => givenBy(grant, occasion))
      for (const one of simulated) tally('simulated', one)
      for (const one of actual) tally('actual', one)
      for (const difference of differencesOf(eventId, simulated, actual)) {
        differences += 1
        if (examples.length < EXAMPLES_MAX) examples.push(difference)
      }
    },

    giveBack(returned) {
      const reward = capped.get(`${returned.cause}/${returned.ruleId}/${returned.beneficiary}`)
      if (reward !== undefined) giveBack(rules, reward, returned, uses)
    },

    result: () => ({ events, rules: byRule, users: byUser, differences, examples }),
  }
}

/** Of a reward that would have been larger or smaller the same share goes back; of the same one, the same sum. */
function giveBack(
  rules: readonly RuleVersion[],
  reward: CappedReward,
  { amount, granted }: Returned,
  uses: Map<string, CapUse>,
): void {
  const { grant, occasion } = reward
  const share = (grant.amount * amount + granted - 1n) / granted
  const taken = share < reward.left ? share : reward.left
  if (taken <= 0n) return
  reward.left -= taken
  const back = returnOf(taken, reward.left)
  const { ruleId, ruleVersion } = grant
  const { caps, timeZone } = rules.find((rule) => rule.ruleId === ruleId && rule.version === ruleVersion)!.terms
  const { userId } = givenBy(grant, occasion)
  const { timeMs, referral } = occasion
  for (const key of capKeysOf({ ruleId, userId, referralId: referral.id, timeMs, caps, timeZone })) {
    const used = uses.get(textOf(key)) ?? noUse
    const rest = used.amount - back.amount
    uses.set(textOf(key), { amount: rest > 0n ? rest : 0n, count: Math.max(0, used.count - back.count) })
  }
}

function givenBy({ ruleId, beneficiary, currency, amount }: Grant, { referral }: Occasion): Given {
  const userId = beneficiary === 'referrer' ? referral.referrerId : referral.refereeId
  return { ruleId, beneficiary, userId, currency, amount }
}

function differencesOf(eventId: string, simulated: readonly Given[], actual: readonly Given[]): Difference[] {
  const sides = new Map<string, { ruleId: string; beneficiary: string; simulated: bigint; actual: bigint }>()
  const add = (side: 'simulated' | 'actual', { ruleId, beneficiary, amount }: Given) => {
    const key = `${ruleId}/${beneficiary}`
    const before = sides.get(key) ?? { ruleId, beneficiary, simulated: 0n, actual: 0n }
    sides.set(key, { ...before, [side]: before[side] + amount })
  }
  for (const one of simulated) add('simulated', one)
  for (const one of actual) add('actual', one)
  return [...sides.values()]
    .filter((one) => one.simulated !== one.actual)
    .map((one): Difference => ({ eventId, ...one }))
}
