/** What says who somebody is, `touches` by codes that people chose for themselves. Rules do not get to see it, so it need not be kept with what they decided. */
const personal: ReadonlySet<string> = new Set(['email', 'name', 'ip', 'deviceId', 'phone', 'address', 'touches'])

/** Whether conditions never see that field of an event's data. */
export const isHidden = (name: string): boolean => personal.has(name)

/** An event's data without what says who somebody is. */
export function visibleData(data: unknown): Readonly<Record<string, unknown>> {
  if (typeof data !== 'object' || data === null) return {}
  return Object.fromEntries(Object.entries(data).filter(([name]) => !isHidden(name)))
}
