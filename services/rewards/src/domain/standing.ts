import { type Hold, type Holdable, holderOf } from './hold.ts'
import { moneyWords } from './money-words.ts'
import { type RewardStatus, type ScreeningState, statusOf } from './screening.ts'

/** What of a reward is told to whoever asks for it. */
export type Standing = Omit<Holdable, 'holdSequence'> &
  Readonly<{
    currency: string
    screening: ScreeningState
    dueMs: number
    releasedMs: number | null
    /** Why the last of it was taken back; null where nothing was. */
    reversedFor: string | null
  }>

/** Why something of a reward was taken back. */
const takenBack: Readonly<Record<string, string>> = {
  payment_refunded: 'the payment was refunded',
  dispute_lost: 'the payment was lost in a dispute',
  subscription_cancelled: 'the subscription had been cancelled by the time of the payment',
  screening_failed: 'it failed its screening for fraud',
  moderation: 'a person decided so',
}

/** Says in words where a reward stands and why it is not there yet, or no more. */
export function tellStanding(reward: Standing, nowMs: number): string {
  const status = statusOf({ ...reward, released: reward.releasedMs !== null })
  const sentence = whole(status, reward, nowMs)
  const isCut = reward.reversed > 0n && status !== 'reversed' && status !== 'refused'
  return isCut ? `${sentence} ${lessOf(reward)}` : sentence
}

function whole(status: RewardStatus, reward: Standing, nowMs: number): string {
  switch (status) {
    case 'refused':
      return `The ledger refused it (${wordsOf(reward.refusal ?? '')}), so no money was ever in it.`
    case 'reversed':
      return `All ${moneyOf(reward.granted, reward)} of it were taken back, the last because ${whyBack(reward)}.`
    case 'held':
      return `It is held by ${reward.holds.map(nameOf).join(' and by ')}, and ${afterHold(reward, nowMs)}.`
    case 'available':
      return `It was released at ${at(reward.releasedMs!)} and is the user's.`
    case 'pending':
      return waitingFor(reward, nowMs)
  }
}

function afterHold({ releasedMs, dueMs, holds }: Standing, nowMs: number): string {
  const lifted = holds.length === 1 ? 'that hold is lifted' : 'all of these holds are lifted'
  if (releasedMs !== null) return `cannot be cashed out before ${lifted}`
  return `is not released before ${lifted}${nowMs < dueMs ? `, and not before ${at(dueMs)}` : ''}`
}

function waitingFor({ screening, dueMs }: Standing, nowMs: number): string {
  const unscreened = 'it has not been screened for fraud yet'
  if (nowMs < dueMs) {
    return `Its holding period ends at ${at(dueMs)}; it is released then${screening === 'passed' ? '' : `, and ${unscreened}`}.`
  }
  if (screening === 'passed') return 'It is due, and goes out with the next release, which runs all the time.'
  return `Its holding period is over, but ${unscreened}; it is released once it passes.`
}

function lessOf(reward: Standing): string {
  return `${moneyOf(reward.reversed, reward)} of ${moneyOf(reward.granted, reward)} were taken back, the last because ${whyBack(reward)}.`
}

const whyBack = ({ reversedFor }: Standing): string =>
  reversedFor === null ? 'somebody asked for it' : (takenBack[reversedFor] ?? wordsOf(reversedFor))

function nameOf(hold: Hold): string {
  const { holder, reference } = holderOf(hold)
  if (holder === 'dispute') return `the dispute ${reference}`
  return holder === 'fraud' ? 'the screening for fraud' : 'a person'
}

const at = (timeMs: number): string => new Date(timeMs).toISOString()
const wordsOf = (code: string): string => code.replaceAll('_', ' ')
const moneyOf = (amount: bigint, { currency }: Standing): string => moneyWords(amount, currency)
