export const eventStatuses = ['received', 'processed', 'ignored', 'deferred', 'parked'] as const
/** Where a sender's event stands. */
export type EventStatus = (typeof eventStatuses)[number]

/** Something heard about an event. A decision has a revision from 1 on; a parked message has none, and counts below all. */
export type Heard = Readonly<{ eventId: string; status: 'processed' | 'ignored' | 'parked'; revision: number }>

/** The revision of what is no decision. */
export const NO_DECISION = 0
/** The revision of what the intake decided before anybody heard of the event. */
export const SAID_BY_INTAKE = -1

/**
 * For each event the one thing heard that counts: the decision with the highest revision; without any, that a message
 * is parked. So it ends the same in whatever order things are heard, and a replay that succeeds ends the parking.
 * The first counts among equals.
 */
export function whatCounts(heard: readonly Heard[]): Heard[] {
  const counting = new Map<string, Heard>()
  for (const one of heard) {
    const before = counting.get(one.eventId)
    if (!before || one.revision > before.revision) counting.set(one.eventId, one)
  }
  return [...counting.values()]
}
