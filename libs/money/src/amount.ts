/** The largest amount that crosses a boundary: 2^53 - 1 minor units, so JSON numbers stay exact. */
export const AMOUNT_MAX = 9_007_199_254_740_991n

/** Whether this is a positive amount of money that fits every boundary. */
export function isAmount(amount: bigint): boolean {
  return amount > 0n && amount <= AMOUNT_MAX
}

/** The sum, or null where it would leave the range that every boundary can carry. */
export function addAmounts(left: bigint, right: bigint): bigint | null {
  const sum = left + right
  return sum <= AMOUNT_MAX ? sum : null
}

export function minAmount(left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

/**
 * A share of an amount, in basis points (10000 = all of it), rounded down.
 * Down favours the payer: the shares of one payment never add up to more than the payment.
 */
export function percentOf(amount: bigint, basisPoints: number): bigint {
  return (amount * BigInt(basisPoints)) / 10_000n
}

/**
 * `amount * part / whole`, rounded down; what an amount shrinks to when only `part` of `whole` is left.
 * Throws RangeError when whole is zero: there is no such proportion.
 */
export function proportionOf(amount: bigint, part: bigint, whole: bigint): bigint {
  return (amount * part) / whole
}
