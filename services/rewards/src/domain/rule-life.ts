export type VersionState = 'draft' | 'active' | 'retired'

/** How people see a version: what it does at some time. */
export const versionStatuses = ['draft', 'shadow', 'canary', 'scheduled', 'active', 'retired'] as const
export type VersionStatus = (typeof versionStatuses)[number]

type TrialLife = Readonly<{ kind: 'shadow' | 'canary'; fromMs: number; toMs: number | null }>

/** A version's life so far: when it counts, and when it was tried out before. */
export type VersionLife = Readonly<{
  version: number
  state: VersionState
  activeFromMs: number | null
  activeToMs: number | null
  trials: readonly TrialLife[]
}>

/** What a version does at that time. One that was only tried out, and is no more, is retired: it is no draft any more. */
export function statusAt({ state, activeFromMs, activeToMs, trials }: VersionLife, nowMs: number): VersionStatus {
  const trial = trials.find(({ fromMs, toMs }) => toMs === null || (fromMs < toMs && nowMs < toMs))
  if (activeFromMs === null) return trial?.kind ?? (trials.length > 0 ? 'retired' : 'draft')
  if (activeToMs !== null && nowMs >= activeToMs) return 'retired'
  if (nowMs >= activeFromMs) return 'active'
  if (state === 'retired' && activeToMs === activeFromMs) return 'retired'
  return trial?.kind ?? 'scheduled'
}

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
  const why = refusalToStart(asked, isRetired)
  if (why !== null) return { kind: 'refused', why }
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

export type TrialDecision =
  | Readonly<{ kind: 'try' }>
  | Readonly<{ kind: 'unknown' }>
  | Readonly<{ kind: 'refused'; why: string }>

/**
 * Whether a version may be tried out, from then on: whoever has counted is past that. A trial begins when it is asked
 * for, never in the past, so that what was decided stays what it was.
 */
export function decideTrial(versions: readonly VersionLife[], version: number, isRetired: boolean): TrialDecision {
  const asked = versions.find((one) => one.version === version)
  if (asked === undefined) return { kind: 'unknown' }
  const why = refusalToStart(asked, isRetired)
  return why === null ? { kind: 'try' } : { kind: 'refused', why }
}

function refusalToStart({ version, state }: VersionLife, isRetired: boolean): string | null {
  if (isRetired) return 'the rule is retired; make a new rule'
  return state === 'draft' ? null : `version ${version} is ${state} already`
}
