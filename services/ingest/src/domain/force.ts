/** An event as far as forcing a new decision on it is concerned. */
export type Relative = Readonly<{ eventId: string; status: string; reason: string | null }>

/**
 * Why an event may not be decided anew under another id, or null. Of an event and all that were made of it, none may
 * have done anything or be about to: a custom event is its own cause, and would earn once more.
 */
export function whyNotForced(family: readonly Relative[]): string | null {
  for (const { eventId, status, reason } of family) {
    if (status === 'processed') return `event ${eventId} was processed: its effects stand`
    if (status !== 'ignored') return `event ${eventId} is ${status}: replay it, or wait for its decision`
    if (reason === 'not_registered_yet') return `event ${eventId} is decided by itself once its customer registers`
  }
  return null
}
