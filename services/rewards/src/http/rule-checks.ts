import { compileCondition } from '../cel.ts'
import type { RuleDefinition } from '../store/rules.ts'
import { sentType, storedEventType } from './event-type.ts'

/** What is wrong with a rule, or odd about it, and where. */
export type Remark = Readonly<{ path: readonly (string | number)[]; message: string }>

type Checked = RuleDefinition & Readonly<{ reward: Readonly<{ allowOver100Percent?: boolean }> }>

/** What no single field can tell: what of a rule contradicts the rest of it. */
export function checkRule(rule: Checked): Remark[] {
  return [...checkWords(rule), ...checkReward(rule), ...checkCaps(rule), ...checkEvent(rule), ...checkCondition(rule)]
}

/** Not checks of the fields themselves, by which answers go, too: rules of before have to stay readable. */
function checkWords({ name, eventType }: Checked): Remark[] {
  const type = storedEventType(eventType)
  const remarks: Remark[] = name.trim() === '' ? [{ path: ['name'], message: 'must not be blank' }] : []
  if (sentType.test(type)) return remarks
  const message = `no event can have the type ${type}: senders write 2 to 4 words; what they call custom.x is custom.custom.x here`
  return [...remarks, { path: ['eventType'], message }]
}

function checkReward(rule: Checked): Remark[] {
  const { reward, currency, validFrom, validTo } = rule
  const remarks: Remark[] = []
  if (reward.kind === 'fixed' && reward.currency !== currency) {
    remarks.push({ path: ['reward', 'currency'], message: "must be the rule's currency" })
  }
  if (validFrom !== null && validTo !== null && Date.parse(validTo) <= Date.parse(validFrom)) {
    remarks.push({ path: ['validTo'], message: 'must be after validFrom' })
  }
  const over = 'is more than all of the payment; where that is meant, say allowOver100Percent: true'
  const allowed = reward.allowOver100Percent === true
  if (reward.kind === 'percent' && reward.basisPoints > 10_000 && !allowed) {
    remarks.push({ path: ['reward', 'basisPoints'], message: over })
  }
  if (reward.kind !== 'tiers') return remarks
  reward.tiers.forEach((tier, index) => {
    const path = ['reward', 'tiers', index]
    if ((tier.basisPoints === undefined) === (tier.amount === undefined)) {
      remarks.push({ path, message: 'needs either basisPoints or amount' })
    }
    if ((tier.basisPoints ?? 0) > 10_000 && !allowed) remarks.push({ path: [...path, 'basisPoints'], message: over })
    const before = reward.tiers[index - 1]
    if (before !== undefined && tier.from <= before.from) {
      const how = tier.from === before.from ? 'overlaps the tier before it' : 'is below the tier before it'
      remarks.push({ path: [...path, 'from'], message: `${how}; tiers must ascend` })
    }
  })
  return remarks
}

function checkCaps({ caps = [] }: Checked): Remark[] {
  return caps.flatMap((cap, index): Remark[] => {
    const path = ['caps', index]
    if (cap.amount === undefined && cap.count === undefined) return [{ path, message: 'needs an amount or a count' }]
    const first = caps.findIndex(({ per, interval }) => per === cap.per && interval === cap.interval)
    if (first === index) return []
    return [{ path, message: `is of the same kind as /caps/${first}; write amount and count into one` }]
  })
}

function checkEvent({ eventType, reward, minimumAmount, recurring = null }: Checked): Remark[] {
  const remarks: Remark[] = []
  if (recurring !== null && eventType !== 'subscription.paid') {
    remarks.push({ path: ['recurring'], message: 'only payments of a subscription recur' })
  }
  if (eventType !== 'user.registered') return remarks
  const noShare = 'a registration has no amount to take a share of'
  if (reward.kind === 'percent') remarks.push({ path: ['reward', 'kind'], message: noShare })
  if (reward.kind === 'tiers') {
    if (reward.by === 'amount') remarks.push({ path: ['reward', 'by'], message: 'a registration has no amount' })
    reward.tiers.forEach(({ basisPoints }, index) => {
      if (basisPoints !== undefined) remarks.push({ path: ['reward', 'tiers', index, 'basisPoints'], message: noShare })
    })
  }
  if (minimumAmount !== null) remarks.push({ path: ['minimumAmount'], message: 'a registration has no amount' })
  return remarks
}

function checkCondition({ condition = null, eventType }: Checked): Remark[] {
  if (condition === null) return []
  const path = ['condition']
  const compiled = compileCondition(condition)
  if (compiled.kind === 'faulty') {
    const { at, message } = compiled.fault
    return [{ path, message: `${message} (at character ${at + 1})` }]
  }
  const invoice = compiled.paths.find((one) => one.startsWith('invoice.'))
  if (invoice !== undefined && eventType !== 'subscription.paid') {
    return [{ path, message: `${invoice} is known for subscription.paid alone` }]
  }
  return []
}
