import { type AttributionTerms, isTooOld } from './attribution.ts'
import { type CodeOwner, codeKey } from './referral-code.ts'

/** That a customer met a code. `isTyped`: told with the registration itself, as its `referralCode`. */
export type Touch = Readonly<{ code: string; atMs: number; isTyped: boolean }>

/** Why somebody may not be said to have brought that customer. */
export type Refusal = 'self_referral' | 'circular_referral'

/** What became of a touch. */
export type TouchOutcome =
  | 'chosen'
  | 'earlier_touch'
  | 'later_touch'
  | 'same_instant'
  | 'code_unknown'
  | 'code_retired'
  | 'touch_after_registration'
  | 'outside_touch_window'
  | Refusal

/** A touch as it was judged; the code as its owner writes it, in lower case where it is nobody's. */
export type JudgedTouch = Readonly<{ code: string; atMs: number; owner: CodeOwner | null; outcome: TouchOutcome }>

/** Whose a code is: of somebody, of somebody who was erased, or of nobody. */
export type Whose = CodeOwner | 'retired' | 'unknown'

export type Choosing = Readonly<{
  terms: AttributionTerms
  registeredMs: number
  whoseIs(code: string): Whose
  refusalOf(owner: CodeOwner): Refusal | null
}>

/**
 * Judges all touches and chooses one: of those that may count, the first or the last, as the terms say. The best comes
 * first. The order in which they were told makes no difference: at one instant the typed code goes before others, then
 * the one that sorts first.
 */
export function chooseTouch(touches: readonly Touch[], choosing: Choosing): readonly JudgedTouch[] {
  const { model } = choosing.terms
  const ordered = distinct(touches.map((touch) => clamped(touch, choosing.registeredMs))).toSorted(
    (one, other) =>
      (model === 'first' ? one.atMs - other.atMs : other.atMs - one.atMs) ||
      Number(other.isTyped) - Number(one.isTyped) ||
      (codeKey(one.code) < codeKey(other.code) ? -1 : 1),
  )
  let chosen: Touch | null = null
  return ordered.map((touch) => {
    const whose = choosing.whoseIs(touch.code)
    const owner = typeof whose === 'string' ? null : whose
    const loss = lossOf(touch, whose, choosing)
    const judged = { code: owner?.code ?? codeKey(touch.code), atMs: touch.atMs, owner }
    if (loss !== null) return { ...judged, outcome: loss }
    if (chosen === null) {
      chosen = touch
      return { ...judged, outcome: 'chosen' }
    }
    if (chosen.atMs === touch.atMs) return { ...judged, outcome: 'same_instant' }
    return { ...judged, outcome: model === 'first' ? 'later_touch' : 'earlier_touch' }
  })
}

/** Why a touch cannot count at all, whatever others there are. */
function lossOf({ atMs }: Touch, whose: Whose, { terms, registeredMs, refusalOf }: Choosing): TouchOutcome | null {
  if (whose === 'unknown') return 'code_unknown'
  if (whose === 'retired') return 'code_retired'
  if (atMs > registeredMs) return 'touch_after_registration'
  if (isTooOld(terms, atMs, registeredMs)) return 'outside_touch_window'
  return refusalOf(whose)
}

/** Many senders write registrations in whole seconds: a touch later in the same second was not after it. */
function clamped(touch: Touch, registeredMs: number): Touch {
  const isSameSecond = Math.floor(touch.atMs / 1000) === Math.floor(registeredMs / 1000)
  return isSameSecond && touch.atMs > registeredMs ? { ...touch, atMs: registeredMs } : touch
}

/** Without blanks and repetitions. */
function distinct(touches: readonly Touch[]): Touch[] {
  const byKey = new Map<string, Touch>()
  for (const touch of touches) {
    const code = codeKey(touch.code)
    const key = `${touch.atMs}/${code}`
    if (code !== '' && byKey.get(key)?.isTyped !== true) byKey.set(key, touch)
  }
  return [...byKey.values()]
}
