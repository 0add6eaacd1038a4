import { type Currency, minorDigits } from '@tributary/money'

/**
 * The minor units of an amount written with a decimal point, such as "10.00"; null where it is none, is negative, or has
 * more digits than its currency. Exact: nothing is rounded.
 */
export function minorUnitsOfDecimal(text: string, currency: Currency): bigint | null {
  const match = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text)
  if (!match) return null
  const [, whole = '', fraction = ''] = match
  const digits = minorDigits(currency)
  if (/[1-9]/.test(fraction.slice(digits))) return null
  return BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'))
}

// docs.stripe.com/currencies, "Zero-decimal", "Three-decimal" and "Special cases". UGX and ISK are two-decimal in the API,
// though neither has smaller coins; MGA has a smaller coin on paper and none in the API.
const stripeZeroDigits: ReadonlySet<string> = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
)
const stripeThreeDigits: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND'])

/**
 * The minor units, as ISO 4217 has them, of an amount in the units of Stripe's API, whose digits differ for a few
 * currencies; null where it would have to be rounded.
 */
export function minorUnitsOfStripe(amount: bigint, currency: Currency): bigint | null {
  const given = stripeZeroDigits.has(currency) ? 0 : stripeThreeDigits.has(currency) ? 3 : 2
  const digits = minorDigits(currency)
  if (digits >= given) return amount * 10n ** BigInt(digits - given)
  const divisor = 10n ** BigInt(given - digits)
  return amount % divisor === 0n ? amount / divisor : null
}
