/** What one check found. `not_run`: it could not be finished, which proves nothing. */
export type CheckResult = Readonly<{
  name: string
  status: 'passed' | 'failed' | 'not_run'
  checked: number
  broken: number
  /** What is broken, up to five, or why it was not run. */
  detail: string
}>

export type VerificationStatus = 'passed' | 'failed' | 'incomplete'

/** A break is a failure whatever else happened; without one, all checks must have run to their end over all that is there. */
export function concludeVerification(
  results: readonly CheckResult[],
  expected: Readonly<{ names: readonly string[]; transfers: number; entries: number }>,
): VerificationStatus {
  if (results.some((result) => result.status === 'failed')) return 'failed'
  const passed = new Map(results.filter(({ status }) => status === 'passed').map((result) => [result.name, result]))
  const allRan = expected.names.length > 0 && expected.names.every((name) => passed.has(name))
  const lookedAt = (name: string) => passed.get(name)?.checked
  const coversAll =
    lookedAt('transfers_have_their_two_entries') === expected.transfers &&
    lookedAt('entries_follow_one_another') === expected.entries
  return allRan && coversAll ? 'passed' : 'incomplete'
}

/** Results of two runs that follow each other, as one: what was looked at is added up, what was found last stands. */
export function addResults(before: readonly CheckResult[], now: readonly CheckResult[]): CheckResult[] {
  const known = new Map(before.map((result) => [result.name, result]))
  return now.map((result) => ({ ...result, checked: result.checked + (known.get(result.name)?.checked ?? 0) }))
}
