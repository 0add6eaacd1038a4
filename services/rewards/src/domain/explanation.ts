import type { AttributionTerms } from './attribution.ts'
import type { CapTrace } from './cap.ts'
import type { RuleTrace } from './evaluation.ts'
import { moneyWords } from './money-words.ts'
import type { TouchOutcome } from './touch.ts'

/** An answer to an event, as far as it can be put into words. */
export type Explained = Readonly<{
  /** The event's. */
  type?: string
  outcome: 'processed' | 'ignored'
  reason: string | null
  rules: readonly RuleTrace[]
  registration?: RegistrationTrace | undefined
}>

/** What the trace of a registration says of who brought the customer. */
export type RegistrationTrace = Readonly<{
  reason: string | null
  terms?: AttributionTerms
  touches?: readonly Readonly<{ at: string; outcome: TouchOutcome }>[]
}>

/** Answers that no rule had a part in. */
const sentences: Readonly<Record<string, string>> = {
  not_registered_yet: 'The customer has not registered yet; this is decided again as soon as they do.',
  no_referral: 'Nobody referred this customer, so nobody earns anything from what they do.',
  referral_rejected: 'The referral of this customer was rejected, so it earns nothing.',
  referral_expired:
    'The customer had not paid within the time that counts, so the referral earns nothing; this is decided again if a payment of that time is told after all.',
  before_referral: 'Somebody was said to have referred this customer only after this had happened.',
  invoice_already_known: 'This invoice was paid and answered before; a repetition earns nothing.',
  invoice_conflict:
    'This invoice was told before with another amount, currency, customer or subscription; the first counts.',
  user_already_registered: 'This customer had registered before; the first registration counts.',
  no_code: 'The customer registered without a referral code.',
  code_unknown: 'Nobody has the referral code that the customer registered with.',
  earlier_touch: 'The customer met a code after that, and the last counts.',
  later_touch: 'The customer met a code before that, and the first counts.',
  same_instant: 'The customer met another code at the same instant, which goes first.',
  code_retired: 'The owner of that referral code has left.',
  outside_touch_window: 'The customer met a referral code, but too long before registering.',
  touch_after_registration: 'The customer met a referral code only after registering.',
  already_attributed: 'Somebody had referred this customer before; the first referral stays.',
  self_referral: 'Nobody refers themselves, under another name neither.',
  circular_referral: 'Nobody is referred by somebody whom they brought, directly or through others.',
  payment_not_seen_yet: 'The payment of this invoice has not been seen yet; this is decided again as soon as it is.',
  no_reward_to_reverse: 'The payment earned no reward, so there is nothing to take back.',
  nothing_to_reverse: 'So little went back that the rounded reward stays the same.',
  refunded_already: 'All of the payment had gone back before.',
  refund_already_known: 'This refund was told and answered before.',
  refund_conflict: 'This refund was told before with another amount or currency; the first counts.',
  nothing_to_hold: 'Nothing is left of its rewards that this dispute could hold, or it holds them already.',
  nothing_to_resume: 'None of its rewards was held for this dispute.',
  no_reward_to_hold: 'The payment earned no reward, so there is nothing to hold.',
  no_reward_to_resume: 'The payment earned no reward, so there is nothing to let go.',
  dispute_already_known: 'This was said of the dispute and answered before.',
  dispute_conflict: 'This contradicts what was said of the dispute before, and that counts.',
  dispute_outdated: 'The dispute had been ruled on by then; the ruling counts.',
  too_many_disputes: 'The invoice has more disputes than are remembered.',
  currency_mismatch: 'It is in another currency than the payment, and nothing is ever converted.',
  subscription_already_cancelled: 'The subscription had been cancelled from an earlier time on; the earliest counts.',
  no_rule: 'There is no rule for this type of event.',
}

/** What came of events that no rule is asked about. */
const effects: Readonly<Record<string, string>> = {
  'payment.refunded': 'Money went back to the customer, and what the rewards were too much by was taken back.',
  'payment.disputed': 'The dispute changed rewards of this payment: they were held, let go or taken back.',
  'subscription.cancelled':
    'The subscription earns no recurring rewards from then on; what it earned after that was taken back.',
}

/** What is to be known of a rule's version to speak of it; `tiersBy` is null where it has no tiers. */
export type RuleFace = Readonly<{ name: string; currency: string; tiersBy: string | null }>

export type FaceOf = (rule: Pick<RuleTrace, 'ruleId' | 'version'>) => RuleFace | null

/** Says in words what became of an event and why, rule by rule. */
export function explain({ registration, ...explained }: Explained, faceOf: FaceOf): string {
  const told = explainOutcome(explained, faceOf)
  return registration === undefined ? told : [told, ...explainTouches(registration)].join(' ')
}

/** Why somebody was said to have brought the customer, or nobody was. */
function explainTouches({ reason, terms, touches = [] }: RegistrationTrace): string[] {
  if (reason !== null) return sentences[reason] === undefined ? [] : [sentences[reason]]
  const others = touches.filter(({ outcome }) => outcome !== 'chosen')
  if (others.length === 0 || terms === undefined) return []
  const lost = [...Map.groupBy(others, ({ outcome }) => outcome)].map(
    ([outcome, some]) => `Not ${toldTimes(some.map(({ at }) => at))}: ${sentences[outcome] ?? outcome}`,
  )
  return [`Of ${touches.length} touches the ${terms.model} that may count was chosen.`, ...lost]
}

const TOLD_TIMES_MAX = 3

/** The trace has all of them; people want to read a few. */
function toldTimes(times: readonly string[]): string {
  const [told, rest] = [times.slice(0, TOLD_TIMES_MAX), times.length - TOLD_TIMES_MAX]
  const named = told.map((at) => `that of ${at}`)
  return [...named, ...(rest > 0 ? [rest === 1 ? 'one more' : `${rest} more`] : [])].join(', ')
}

function explainOutcome({ type = '', outcome, reason, rules }: Explained, faceOf: FaceOf): string {
  const told = rules.map((rule) => sentenceOf(rule, faceOf(rule)))
  if (told.length > 0) {
    const given = rules.some(({ reason: why, mode }) => why === null && mode !== 'shadow')
    return [given ? 'A reward was earned.' : 'No reward was earned.', ...told].join(' ')
  }
  if (reason !== null) return sentences[reason] ?? `Nothing came of it: ${reason.replaceAll('_', ' ')}.`
  if (outcome === 'ignored') return 'It was ignored.'
  return effects[type] ?? 'It was processed; no rule was asked.'
}

function sentenceOf(rule: RuleTrace, face: RuleFace | null): string {
  const { ruleId, version, beneficiary, mode, reason, amount, uncapped } = rule
  const who = `${face === null ? `Rule ${ruleId}` : `"${face.name}"`} (version ${version})`
  const sum = sumOf(amount, face)
  if (mode === 'shadow') {
    const would = reason === null ? `it would have given the ${beneficiary} ${sum}` : `it would have given nothing`
    return `${who} only watches: ${would}${reason === null ? '' : `, since ${whyOf(rule, face)}`}.`
  }
  if (reason !== null) return `${who} gave nothing: ${whyOf(rule, face)}.`
  const less = uncapped === undefined ? '' : `, of ${sumOf(uncapped, face)}, since its cap had no more left`
  return `${who} gave the ${beneficiary} ${sum}${less}.`
}

/** What a trace shows of money is in minor units. */
function sumOf(amount: unknown, face: RuleFace | null): string {
  return typeof amount === 'number' && face !== null ? moneyWords(BigInt(amount), face.currency) : String(amount)
}

function whyOf({ reason, conditions, caps = [] }: RuleTrace, face: RuleFace | null): string {
  const failed = conditions.find(({ met }) => !met)
  const seen = failed?.seen === null || failed === undefined ? 'not told' : String(failed.seen)
  const needed = failed === undefined ? '' : String(failed.needed)
  switch (reason) {
    case 'plan_required':
      return `the plan ${seen} does not have what it uses, and ${needed} does`
    case 'rule_not_active':
      return needed === 'never' ? 'it does not count' : `it counts from ${needed} on, and the event is of ${seen}`
    case 'outside_canary':
      return `it counts for ${needed} % of users so far, and this one is not among them`
    case 'outside_validity':
      return failed?.condition === 'validFrom'
        ? `the event of ${seen} is before ${needed}`
        : `the event of ${seen} is not before ${needed}`
    case 'amount_missing':
      return 'the event tells no amount to take a share of'
    case 'currency_mismatch':
      return `the event is in ${seen}, the rule in ${needed}`
    case 'below_minimum_amount':
      return `the amount is ${failed?.seen === null ? seen : sumOf(failed?.seen, face)}, and ${sumOf(failed?.needed, face)} is needed`
    case 'outside_attribution':
      return `more than ${needed} days have passed since the registration, and the rule looks no further`
    case 'recurrence_ended':
      return `this is payment ${seen} of the subscription, and the rule rewards ${needed}`
    case 'subscription_cancelled':
      return `the subscription was ${seen}`
    case 'below_first_tier':
      return face?.tiersBy === 'amount' && failed?.seen !== null
        ? `its first tier begins at ${sumOf(failed?.needed, face)}, and this is ${sumOf(failed?.seen, face)}`
        : `its first tier begins at ${needed}, and this is ${seen}`
    case 'condition_not_met':
      return `its condition ${needed} is not met, with ${seen}`
    case 'cap_reached':
      return `nothing is left of its cap: ${caps.map((cap) => toldCap(cap, face)).join(', ')}`
    case 'amount_too_small':
      return 'its share is less than the smallest unit of money'
    case 'amount_too_large':
      return 'it comes to more than a reward can be'
    case 'suppressed_by_priority':
      return 'a rule of higher priority wants no other beside it'
    case 'suppressed_by_larger_reward':
      return 'another rule of the same priority gives more, and neither wants the other beside it'
    case null:
      return 'nothing kept it'
    default:
      return reason.replaceAll('_', ' ')
  }
}

function toldCap({ per, interval, of, used, cap }: CapTrace, face: RuleFace | null): string {
  const what = of === 'amount' ? `${sumOf(used, face)} of ${sumOf(cap, face)}` : `${used} of ${cap} rewards`
  return interval === 'total' ? `${what} per ${per} in all` : `${what} per ${per} and ${interval}`
}
