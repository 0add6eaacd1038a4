/** An ISO 4217 code in capitals. */
export type Currency = string
