import { type ASTNode, Environment } from '@marcbachmann/cel-js'
import { type Comparison, callsIn, comparisonsIn, pathsIn, unnamedFieldsIn } from './cel-tree.ts'
import type { Condition, ConditionInput } from './domain/condition.ts'

/** What is wrong with a condition, and where: `at` counts characters from 0. */
export type ConditionFault = Readonly<{ message: string; at: number }>

export type Compiled =
  | Readonly<{
      kind: 'compiled'
      condition: Condition
      /** What it looks at, such as `referrer.conversions`. */
      paths: readonly string[]
      comparisons: readonly Comparison[]
      /** Where it puts together the name of a field. */
      unnamedFields: readonly number[]
    }>
  | Readonly<{ kind: 'faulty'; fault: ConditionFault }>

export const CONDITION_LENGTH_MAX = 2_000

/**
 * Bounds that keep an answer in microseconds: 200 parts, no loops and no patterns, so that its cost is bounded by its
 * length, whatever a sender writes into an event.
 */
const limits = { maxAstNodes: 200, maxDepth: 24, maxListElements: 100, maxMapEntries: 0, maxCallArguments: 4 }

const environment = new Environment({ limits })
  .registerVariable({
    name: 'event',
    schema: {
      type: 'string',
      timestamp: 'google.protobuf.Timestamp',
      amount: 'int',
      currency: 'string',
      data: 'map<string, dyn>',
    },
  })
  .registerVariable({ name: 'referrer', schema: { id: 'string', conversions: 'int' } })
  .registerVariable({ name: 'referee', schema: { id: 'string' } })
  .registerVariable({
    name: 'referral',
    schema: { id: 'string', attributedAt: 'google.protobuf.Timestamp', ageDays: 'int' },
  })
  .registerVariable({ name: 'invoice', schema: { id: 'string', subscriptionId: 'string', period: 'int' } })

/** Functions whose cost does not grow with anything but their arguments' length, and only in proportion to it. */
const allowed = new Set([
  'bool',
  'contains',
  'double',
  'duration',
  'endsWith',
  'getDate',
  'getDayOfMonth',
  'getDayOfWeek',
  'getDayOfYear',
  'getFullYear',
  'getHours',
  'getMinutes',
  'getMonth',
  'has',
  'int',
  'lowerAscii',
  'size',
  'startsWith',
  'string',
  'timestamp',
  'trim',
  'upperAscii',
])

const refusals: Readonly<Record<string, string>> = {
  matches: 'patterns are not taken here, since some take for ever; use startsWith, endsWith, contains or in',
}

/** Compiled once; a condition is asked for each event, and rules are read again for each batch. */
const compiled = new Map<string, Compiled>()
const COMPILED_MAX = 2_000

/** Parses and type-checks a condition. The same text gives the same object. */
export function compileCondition(text: string): Compiled {
  const known = compiled.get(text)
  if (known !== undefined) return known
  const made = compile(text)
  // The oldest goes first; it is made again where it is needed again.
  if (compiled.size >= COMPILED_MAX) compiled.delete(compiled.keys().next().value ?? '')
  compiled.set(text, made)
  return made
}

function compile(text: string): Compiled {
  let ask: ReturnType<Environment['parse']>
  try {
    ask = environment.parse(text)
  } catch (error) {
    return faulty(faultOf(error))
  }
  const refused = refusedIn(ask.ast)
  if (refused !== null) return faulty(refused)
  const checked = ask.check()
  if (!checked.valid) return faulty(faultOf(checked.error))
  // Of what senders write the type is not known before; anything but true leaves the condition unmet then.
  if (checked.type !== 'bool' && checked.type !== 'dyn') {
    return faulty({ message: `must be true or false, and this is ${checked.type ?? 'something else'}`, at: 0 })
  }
  const paths = [...new Set(pathsIn(ask.ast))]
  const looks = paths.map((path): Look => ({ path, names: path.split('.') }))
  const condition: Condition = {
    text,
    ask(input) {
      try {
        return { met: ask(input as never) === true, seen: seenAt(looks, input) }
      } catch (error) {
        return { met: false, seen: `${seenAt(looks, input)} (${summaryOf(error)})` }
      }
    },
  }
  const [comparisons, unnamedFields] = [comparisonsIn(ask.ast), unnamedFieldsIn(ask.ast)]
  return { kind: 'compiled', condition, paths, comparisons, unnamedFields }
}

const faulty = (fault: ConditionFault): Compiled => ({ kind: 'faulty', fault })

type CelError = Readonly<{ summary?: string; range?: { start: number }; message?: string }>

function faultOf(error: unknown): ConditionFault {
  const { range } = (error ?? {}) as CelError
  return { message: summaryOf(error), at: range?.start ?? 0 }
}

function summaryOf(error: unknown): string {
  const { summary, message } = (error ?? {}) as CelError
  const text = summary ?? message ?? 'cannot be read'
  return text.split('\n')[0]!.slice(0, 200)
}

function refusedIn(root: ASTNode): ConditionFault | null {
  for (const { name, at, argumentCount, isMethod } of callsIn(root)) {
    if (!allowed.has(name)) {
      return { message: refusals[name] ?? `the function ${name} is not known here, or loops`, at }
    }
    // In another time zone these take 50 microseconds each.
    if (isMethod && name.startsWith('get') && argumentCount > 0) {
      return { message: `${name} takes no time zone here; times are in UTC`, at }
    }
  }
  return null
}

const SEEN_LENGTH_MAX = 60

type Look = Readonly<{ path: string; names: readonly string[] }>

function seenAt(looks: readonly Look[], input: ConditionInput): string {
  return looks.map(({ path, names }) => `${path} = ${shown(valueAt(names, input))}`).join(', ')
}

function valueAt(names: readonly string[], input: ConditionInput): unknown {
  let value: unknown = input
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function shown(value: unknown): string {
  if (value === undefined) return 'not told'
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return String(value)
  const text = JSON.stringify(value)
  return text.length <= SEEN_LENGTH_MAX ? text : `${text.slice(0, SEEN_LENGTH_MAX)}...`
}
