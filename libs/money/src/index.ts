export { AMOUNT_MAX, addAmounts, isAmount, minAmount, percentOf, proportionOf } from './amount.ts'
export { type Currency, currencies, isCurrency, minorDigits } from './currencies.ts'
