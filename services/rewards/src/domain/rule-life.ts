export type VersionState = 'draft' | 'active' | 'retired'

/** A version's life so far: when it counts. */
export type VersionLife = Readonly<{
  version: number
  state: VersionState
  activeFromMs: number | null
  activeToMs: number | null
}>

export type Activation =
  /** `closes` is the version that counts until then, if any. */
  | Readonly<{ kind: 'activate'; closes: number | null }>
  | Readonly<{ kind: 'unknown' }>
  | Readonly<{ kind: 'refused'; why: string }>

/** Whether a draft may start to count at that time. It takes over from the version before it; nothing that counted is rewritten. */
export function decideActivation(
  versions: readonly VersionLife[],
  version: number,
  activeFromMs: number,
  isRetired: boolean,
): Activation {
  const asked = versions.find((one) => one.version === version)
  if (asked === undefined) return { kind: 'unknown' }
  if (isRetired) return { kind: 'refused', why: 'the rule is retired; make a new rule' }
  if (asked.state !== 'draft') return { kind: 'refused', why: `version ${version} is ${asked.state} already` }
  const newest = versions
    .filter((one) => one.activeFromMs !== null)
    .reduce<VersionLife | null>(
      (latest, one) => (latest && latest.activeFromMs! > one.activeFromMs! ? latest : one),
      null,
    )
  if (newest !== null && activeFromMs <= newest.activeFromMs!) {
    const since = new Date(newest.activeFromMs!).toISOString()
    return {
      kind: 'refused',
      why: `version ${newest.version} counts since ${since}; a later one must start after that`,
    }
  }
  return { kind: 'activate', closes: newest !== null && newest.activeToMs === null ? newest.version : null }
}
