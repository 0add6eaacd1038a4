import { changeHold, type Hold, type Holdable, type HoldChange, holderOf, leftOf } from './hold.ts'

/** What a person, or a program in their name, asks of a reward. */
export type Moderation =
  /** Takes back so much of it; all that is left where no amount is said. */
  Readonly<{ kind: 'reverse'; amount: bigint | null }> | Readonly<{ kind: 'hold' }> | Readonly<{ kind: 'resume' }>

export type ModerationDecision =
  /** `why` is a sentence for whoever asked. */
  | Readonly<{ kind: 'refused'; why: string }>
  | Readonly<{ kind: 'reversed'; amount: bigint }>
  | Readonly<{ kind: 'hold_changed'; change: HoldChange }>

/**
 * Decides it. People have one hold on a reward, whoever placed it, and lift no other; what they take back counts with
 * what refunds ask for later, which take only what is missing.
 */
export function decideModeration(reward: Holdable, asked: Moderation): ModerationDecision {
  const left = leftOf(reward)
  const { granted, refusal } = reward
  const nothingLeft =
    refusal === null ? `nothing is left of it: all ${granted} were taken back` : `the ledger refused it: ${refusal}`
  if (asked.kind === 'reverse') {
    if (left === 0n) return { kind: 'refused', why: nothingLeft }
    const amount = asked.amount ?? left
    if (amount > left) return { kind: 'refused', why: `only ${left} of ${granted} are left of it` }
    return { kind: 'reversed', amount }
  }
  if (asked.kind === 'hold' && left === 0n) return { kind: 'refused', why: nothingLeft }
  const [change] = changeHold(reward, 'person', asked.kind === 'hold')
  if (change !== null) return { kind: 'hold_changed', change }
  if (asked.kind === 'hold') return { kind: 'refused', why: 'people hold it already' }
  const others = reward.holds.map(nameOf)
  const why =
    others.length === 0 ? 'nobody holds it' : `people do not hold it: that is the hold of ${others.join(' and of ')}`
  return { kind: 'refused', why }
}

function nameOf(hold: Hold): string {
  const { holder, reference } = holderOf(hold)
  return holder === 'dispute' ? `the dispute ${reference}` : holder
}
