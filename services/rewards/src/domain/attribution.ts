const DAY_MS = 86_400_000

/** How customers are attributed: which touch counts, how old it may be, and how long the first payment may take. */
export type AttributionTerms = Readonly<{
  /** 0 until somebody has said anything. */
  version: number
  model: 'first' | 'last'
  /** From the touch to the registration; null for however long ago. */
  touchDays: number | null
  /** From the registration to the first payment; null for however late. */
  paymentDays: number | null
}>

/** From when on they counted. */
export type DatedTerms = AttributionTerms & Readonly<{ activeFromMs: number }>

/** What counts until somebody says otherwise. */
export const termsBeforeAny: AttributionTerms = { version: 0, model: 'last', touchDays: null, paymentDays: null }

/** The terms that counted at that time: what is changed later changes no registration of before. */
export function termsAt(all: readonly DatedTerms[], timeMs: number): AttributionTerms {
  return all
    .filter(({ activeFromMs }) => activeFromMs <= timeMs)
    .reduce<AttributionTerms>((newest, one) => (one.version > newest.version ? one : newest), termsBeforeAny)
}

/** Whether a touch is too long before the registration; the last instant of the window is within it. */
export function isTooOld({ touchDays }: AttributionTerms, atMs: number, registeredMs: number): boolean {
  return touchDays !== null && registeredMs - atMs > touchDays * DAY_MS
}

/** Until when the first payment has to happen; null for never too late. */
export function paymentsEndMs({ paymentDays }: AttributionTerms, attributedMs: number): number | null {
  return paymentDays === null ? null : attributedMs + paymentDays * DAY_MS
}
