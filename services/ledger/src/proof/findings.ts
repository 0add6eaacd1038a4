/** What one check looked at, and the first things that it found wrong. */
export type Finding = Readonly<{ name: string; checked: number; broken: number; examples: readonly string[] }>

/** Gathers what checks find. Nothing is kept of what is right but its number. */
export type Findings<Name extends string> = Readonly<{
  looked(name: Name): void
  /** Names the thing, and says what is wrong with it. */
  broke(name: Name, what: string): void
  all(): readonly Finding[]
}>

/** As many as tell where to look; a file that is wrong everywhere still gets a short answer. */
const EXAMPLES_MAX = 5

export function newFindings<Name extends string>(names: readonly Name[]): Findings<Name> {
  const found = new Map(names.map((name) => [name, { checked: 0, broken: 0, examples: [] as string[] }]))
  return {
    looked(name) {
      found.get(name)!.checked++
    },
    broke(name, what) {
      const one = found.get(name)!
      one.broken++
      if (one.examples.length < EXAMPLES_MAX) one.examples.push(what)
    },
    all: () => names.map((name) => ({ name, ...found.get(name)! })),
  }
}
