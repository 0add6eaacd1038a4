import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Each label with the values it may take. What is not in the list is counted as `other`, so a label stays bounded. */
export type LabelValues = Readonly<Record<string, readonly string[]>>
type Given<L extends LabelValues> = { readonly [Name in keyof L]: string }
type More<L extends LabelValues> = { readonly [Name in keyof L]?: readonly string[] }

type Description<L extends LabelValues> = Readonly<{
  /** Without the prefix `tributary_`; ends in its base unit. */
  name: string
  help: string
  labels: L
}>

/** What all kinds of instruments share. */
export type Bounded<L extends LabelValues> = Readonly<{
  /** Permits further label values, known only at start, and shows every new combination at zero. */
  allow(more: More<L>): void
  /** Permits exactly one combination and shows it at zero; for labels that do not combine freely, such as a route and its method. */
  declare(labels: Given<L>): void
}>

/** A count that only grows. */
export type BoundedCounter<L extends LabelValues> = Bounded<L> & Readonly<{ inc(labels: Given<L>, by?: number): void }>
/** A value that goes up and down. */
export type BoundedGauge<L extends LabelValues> = Bounded<L> & Readonly<{ set(labels: Given<L>, value: number): void }>
/** A distribution. */
export type BoundedHistogram<L extends LabelValues> = Bounded<L> &
  Readonly<{ observe(labels: Given<L>, value: number): void }>

const PREFIX = 'tributary_'
const OTHER = 'other'

export function newCounter<const L extends LabelValues>(
  registry: Registry,
  description: Description<L>,
): BoundedCounter<L> {
  const counter = new Counter(configuration(registry, description))
  const bounds = bound(description, (labels) => counter.inc(labels, 0))
  return { ...bounds.open, inc: (labels, by = 1) => counter.inc(bounds.check(labels), by) }
}

export function newGauge<const L extends LabelValues>(
  registry: Registry,
  { collect, ...description }: Description<L> & { collect?: () => number },
): BoundedGauge<L> {
  const gauge = new Gauge({
    ...configuration(registry, description),
    // Asked when scraped; only for a gauge without labels.
    ...(collect && {
      collect() {
        gauge.set(collect())
      },
    }),
  })
  const bounds = bound(description, (labels) => gauge.set(labels, 0))
  return { ...bounds.open, set: (labels, value) => gauge.set(bounds.check(labels), value) }
}

export function newHistogram<const L extends LabelValues>(
  registry: Registry,
  { buckets, ...description }: Description<L> & { buckets: readonly number[] },
): BoundedHistogram<L> {
  const histogram = new Histogram({ ...configuration(registry, description), buckets: [...buckets] })
  const bounds = bound(description, (labels) => histogram.zero(labels))
  return { ...bounds.open, observe: (labels, value) => histogram.observe(bounds.check(labels), value) }
}

function configuration(registry: Registry, { name, help, labels }: Description<LabelValues>) {
  return { name: PREFIX + name, help, labelNames: Object.keys(labels), registers: [registry] }
}

/** Keeps to the permitted label values. The first combinations are shown at zero at once. */
function bound<L extends LabelValues>(
  { labels }: Description<L>,
  showAtZero: (labels: Record<string, string>) => void,
) {
  const names = Object.keys(labels)
  const allowed = new Map(names.map((name) => [name, new Set(labels[name])]))
  const declared = new Set<string>()
  const show = () => {
    for (const combination of combinations(allowed)) {
      const key = keyOf(names, combination)
      if (!declared.has(key)) showAtZero(combination)
      declared.add(key)
    }
  }
  show()
  const open: Bounded<L> = {
    allow(more) {
      for (const [name, values] of Object.entries(more)) {
        for (const value of values ?? []) allowed.get(name)?.add(value)
      }
      show()
    },
    declare(combination) {
      if (!declared.has(keyOf(names, combination))) showAtZero(combination)
      declared.add(keyOf(names, combination))
    },
  }
  const check = (given: Given<L>): Record<string, string> => {
    if (declared.has(keyOf(names, given))) return given
    return Object.fromEntries(names.map((name) => [name, allowed.get(name)?.has(given[name]!) ? given[name]! : OTHER]))
  }
  return { open, check }
}

const keyOf = (names: readonly string[], labels: Readonly<Record<string, string>>): string =>
  names.map((name) => labels[name]).join('\u0000')

function combinations(allowed: ReadonlyMap<string, ReadonlySet<string>>): Record<string, string>[] {
  let all: Record<string, string>[] = [{}]
  for (const [name, values] of allowed) {
    all = all.flatMap((partial) => [...values].map((value) => ({ ...partial, [name]: value })))
  }
  return all
}
