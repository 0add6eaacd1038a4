/** A sender's clock may be ahead of ours by as much as its signature's timestamp may. */
const AHEAD_MAX_MS = 300_000
/** Nothing that earns a reward happened before; such a time comes from a clock that was never set. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)

/**
 * When an event took effect: what its sender says, unless that lies in the future or before the year 2000; then when
 * we received it. A false time would put money on the wrong side of a holding period or an attribution window.
 */
export function eventTime(stated: Date | null, receivedAt: Date): Date {
  if (!stated) return receivedAt
  const isBelievable = stated.getTime() >= EARLIEST_MS && stated.getTime() <= receivedAt.getTime() + AHEAD_MAX_MS
  return isBelievable ? stated : receivedAt
}

/** The instant inside a UUIDv7: its first 48 bits are milliseconds since 1970. */
export function timeOfId(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))
}

/** The lowest id of an instant; ids made from then on are not below it. */
export function lowestIdAt(time: Date): string {
  const hex = Math.min(Math.max(time.getTime(), 0), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
