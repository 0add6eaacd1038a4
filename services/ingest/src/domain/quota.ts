/** The first day of the month (UTC), as `2026-03-01`. */
export function monthOf(at: Date): string {
  return `${at.toISOString().slice(0, 7)}-01`
}

/** When the month ends and the next begins. */
export function nextMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1))
}

const LEASE_MAX = 5_000

/**
 * How much of a quota a process takes at a time: a hundredth. That is how much it may leave unused near the end while
 * another defers; less would ask the database too often.
 */
export function leaseSize(quota: number): number {
  return Math.min(Math.max(Math.ceil(quota / 100), 1), LEASE_MAX)
}

/** Of which shares of the quota the admin is told. */
export const noticePercents = [80, 100] as const

/** Those shares that are used up. Nobody is told of a month without a limit. */
export function noticesDue(used: number, quota: number | null): number[] {
  if (quota === null) return []
  return noticePercents.filter((percent) => used * 100 >= quota * percent)
}

/** The share of the quota that is used; above 1 where events are deferred, 0 without a limit. */
export function usedRatio(used: number, quota: number | null): number {
  if (quota === null) return 0
  return quota === 0 ? 1 : used / quota
}
