/** What a scenario is given. */
export type ScenarioOptions = Readonly<{
  /** An empty folder of its own for servers and files; the caller removes it afterwards. */
  directory: string
  /** True for a short run that shows the scenario works; its figures say little. */
  quick: boolean
  /** True where sizes are asked for that take much longer. */
  large: boolean
  /** How many events a soak sends; its own default without it. */
  events?: number
  /** Progress for whoever waits; not part of the result. */
  say: (line: string) => void
}>

/** A figure must keep to its threshold, or the run fails. */
export type Threshold = Readonly<{ atLeast: number }> | Readonly<{ atMost: number }>

/** One measured figure. */
export type Figure = Readonly<{
  /** Such as `accepted webhooks` or `of an empty handler`. */
  name: string
  value: number
  /** Such as `/s`, `ms`, `MiB`, `us CPU`; empty for a ratio. */
  unit: string
  threshold?: Threshold
  /** What we hope for beyond the threshold; printed, never failed on. */
  aim?: number
}>

/** Figures that only say something beside each other. */
export type Table = Readonly<{ columns: readonly string[]; rows: readonly (readonly number[])[] }>

/** What a scenario answers. Every ratio in it was measured within this one run. */
export type ScenarioResult = Readonly<{
  scenario: string
  figures: readonly Figure[]
  /** By what they show. */
  tables?: Readonly<Record<string, Table>>
  /** How it was measured and what limits it: sizes, differences between the sides, anything a reader must know. */
  notes: readonly string[]
}>

/** One scenario: starts what it needs, measures, stops everything, answers. */
export type Scenario = (options: ScenarioOptions) => Promise<ScenarioResult>

/** Whether a figure keeps to its threshold; null where it has none. */
export function passes(figure: Figure): boolean | null {
  if (figure.threshold === undefined) return null
  // A figure that could not be measured is no pass.
  if (!Number.isFinite(figure.value)) return false
  return 'atLeast' in figure.threshold
    ? figure.value >= figure.threshold.atLeast
    : figure.value <= figure.threshold.atMost
}
