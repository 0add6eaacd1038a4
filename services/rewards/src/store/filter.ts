/** Conditions that apply only where a value was given. */
export type Filter = readonly (readonly [sql: string, value: unknown])[]

/** A `where` clause of the given conditions, and its bindings; conditions without a value are left out. */
export function whereOf(filter: Filter): { clause: string; bindings: unknown[] } {
  const given = filter.filter(([, value]) => value !== undefined)
  return {
    clause: given.length === 0 ? '' : `where ${given.map(([sql]) => sql).join(' and ')}`,
    // A condition that mentions its value more than once binds it more than once.
    bindings: given.flatMap(([sql, value]) => Array.from({ length: sql.split('?').length - 1 }, () => value)),
  }
}
