import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Heard } from './spy.ts'

/** Tells what happened in a journey, for the documents, and holds later runs to it. */
export type Timeline = Readonly<{
  /** A new paragraph: what somebody outside did, and what they saw. */
  step(text: string): void
  /** Everything that services said since the last step, as a tree of causes. Call it when all has settled. */
  events(): void
  /** Names an id, so that it reads as `Ann` instead of `user 1`. */
  name(id: string, name: string): void
  /** Compares with the committed page; with UPDATE=1 writes it. */
  compare(): void
}>

/**
 * A timeline kept beside a journey's test, as `<journey>.timeline.md`. Ids and instants are told by names and distances, and what
 * services say at the same time is sorted, so that the same journey always reads the same.
 */
export function timeline(testUrl: string, title: string, heard: () => readonly Heard[]): Timeline {
  const file = new URL(testUrl.replace(/\.test\.ts$/, '.timeline.md'))
  const lines = [`# ${title}`]
  const names = newNames()
  let told = 0
  return {
    name: names.give,
    step: (text) => void lines.push('', text),
    events() {
      const fresh = heard().slice(told)
      told += fresh.length
      lines.push('', ...tree(fresh.filter(isStory), names))
    },
    compare() {
      const text = `${lines.join('\n')}\n`
      if (process.env.UPDATE === '1') writeFileSync(file, text)
      const committed = existsSync(file)
        ? readFileSync(file, 'utf8')
        : 'no timeline yet: run this journey with UPDATE=1'
      expect(text).toBe(committed)
    },
  }
}

type Names = ReturnType<typeof newNames>

function newNames() {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  return {
    give: (id: string, name: string) => void names.set(id, name),
    /** `user 1`, `reward 2`: in the order of first mention. */
    of(id: string, kind: string): string {
      const known = names.get(id)
      if (known !== undefined) return known
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      names.set(id, `${kind} ${count}`)
      return `${kind} ${count}`
    },
  }
}

/** What the clock says each day, and what each start says of the plan, whatever the journey, is no part of it. */
const isStory = ({ type }: Heard): boolean => type !== 'reward.tallied' && type !== 'config.changed'

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

function tree(events: readonly Heard[], names: Names): string[] {
  const ids = new Set(events.map((event) => event.messageId))
  const order = (event: Heard) => `${event.type} ${JSON.stringify(plainFields(event))}`
  const sorted = [...events].sort((one, other) => (order(one) < order(other) ? -1 : 1))
  const tell = (event: Heard, depth: number, since: string): string[] => [
    `${'  '.repeat(depth)}- **${event.source}** says \`${event.type}\`${describe(event, names)}${distance(since, event.time)}`,
    ...sorted
      .filter((one) => one.causationId === event.messageId && one !== event)
      .flatMap((one) => tell(one, depth + 1, event.time)),
  ]
  return sorted
    .filter((event) => event.causationId === event.messageId || !ids.has(event.causationId))
    .flatMap((event) => tell(event, 0, event.time))
}

/** Fields worth a reader's time: who, how much, why. Ids of records and instants are not. */
const toldIds: Readonly<Record<string, string>> = {
  userId: 'user',
  rewardId: 'reward',
  referrerId: 'user',
  refereeId: 'user',
}

function plainFields({ data }: Heard): [name: string, value: string][] {
  return Object.entries(data)
    .filter(([name, value]) => !untold.has(name) && ['string', 'number'].includes(typeof value))
    .filter(([, value]) => !uuid.test(String(value)) && !isInstant(value))
    .map(([name, value]) => [name, name === 'amount' ? `${String(value)} ${String(data.currency)}` : String(value)])
}

/** Said by the type already, or by the amount beside it, or of no interest. */
const untold = new Set(['kind', 'currency', 'email', 'revision', 'ruleVersion'])
const isInstant = (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)

function describe(event: Heard, names: Names): string {
  const ids = Object.entries(event.data).flatMap(([name, value]) => {
    const kind = toldIds[name]
    return kind === undefined || typeof value !== 'string' ? [] : [[name.replace(/Id$/, ''), names.of(value, kind)]]
  })
  const words = [
    ...ids.map(([name, told]) => (told?.startsWith(`${name} `) ? told : `${name} ${told}`)),
    ...plainFields(event).map(([name, value]) => `${name} ${value}`),
  ]
  return words.length === 0 ? '' : `: ${words.join(', ')}`
}

const HOUR_MS = 3_600_000

/** How much later than its cause something took effect, where a reader would notice. */
function distance(since: string, time: string): string {
  const hours = Math.floor((Date.parse(time) - Date.parse(since)) / HOUR_MS)
  if (!(hours >= 1)) return ''
  return hours >= 24 ? ` (${Math.floor(hours / 24)} days later)` : ` (${hours} hours later)`
}
