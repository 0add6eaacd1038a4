import { isCurrency, minorDigits } from '@tributary/money'

/** A sum as people write it: `12.50 USD`, `1250 JPY`. In a currency that is not known it stays in minor units. */
export function moneyWords(amount: bigint, currency: string): string {
  const digits = isCurrency(currency) ? minorDigits(currency) : 0
  const sign = amount < 0n ? '-' : ''
  const text = String(amount < 0n ? -amount : amount).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  return `${sign}${digits === 0 ? whole : `${whole}.${text.slice(-digits)}`} ${currency}`
}
