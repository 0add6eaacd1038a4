import { AMOUNT_MAX } from '@tributary/money'

export type TallyKind = 'earned' | 'released' | 'held' | 'resumed' | 'reversed'

/** How many transactions of a kind a day had in one currency, and their sum. */
export type TallyLine<Kind = TallyKind> = Readonly<{ kind: Kind; currency: string; count: number; amount: bigint }>

/**
 * Lines that each fit a number on the wire. Every transaction does, but their sum may not; it then takes several lines,
 * and whoever compares adds them up.
 */
export function splitLines<Kind>(lines: readonly TallyLine<Kind>[]): TallyLine<Kind>[] {
  return lines.flatMap((line) => {
    const parts: TallyLine<Kind>[] = []
    let { count, amount } = line
    // No transaction is above the most there can be, so there are enough of them for one to each part.
    while (amount > AMOUNT_MAX) {
      parts.push({ ...line, count: 1, amount: AMOUNT_MAX })
      amount -= AMOUNT_MAX
      count -= 1
    }
    return [...parts, { ...line, count, amount }]
  })
}
