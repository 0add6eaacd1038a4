import type { HoldChange } from '../domain/hold.ts'
import type { Effects } from './effects.ts'

type HoldEffect = Effects['holds'][number]

/** The effect of a hold that was placed or lifted; none where nothing changed. */
export function holdsOf(
  change: HoldChange | null,
  cause: Omit<HoldEffect, 'change' | 'id' | 'transactionId'>,
  newId: () => string,
): HoldEffect[] {
  return change === null ? [] : [{ ...cause, change, id: newId(), transactionId: newId() }]
}
