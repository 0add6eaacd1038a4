export type Interval = 'day' | 'month' | 'total'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

/** When the day or month of a time begins, in a time zone; `total` has begun with 1970 for everything. */
export function intervalStart(interval: Interval, timeMs: number, timeZone: string): number {
  if (interval === 'total') return 0
  if (timeZone === 'UTC') return utcStart(interval, timeMs)
  const localMs = timeMs + offsetAt(timeMs, timeZone)
  return instantOf(utcStart(interval, localMs), timeZone)
}

/** Whether that is a time zone this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

function utcStart(interval: 'day' | 'month', timeMs: number): number {
  if (interval === 'day') return Math.floor(timeMs / DAY_MS) * DAY_MS
  const date = new Date(timeMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

/** The instant at which clocks there show this local time. Where they skip it, just after; where they show it twice, the first. */
function instantOf(localMs: number, timeZone: string): number {
  const offsets = [offsetAt(localMs - DAY_MS, timeZone), offsetAt(localMs + DAY_MS, timeZone)]
  const fitting = offsets.map((offset) => localMs - offset).filter((at) => at + offsetAt(at, timeZone) === localMs)
  return fitting.length > 0 ? Math.min(...fitting) : localMs - Math.min(...offsets)
}

/** By how much clocks there are ahead of UTC, in milliseconds. */
function offsetAt(timeMs: number, timeZone: string): number {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(timeMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  // Offsets are whole minutes since 1970.
  return Math.round((local - timeMs) / MINUTE_MS) * MINUTE_MS
}

/** Making one takes 50 microseconds. There are some 600 time zones. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, made)
  return made
}
