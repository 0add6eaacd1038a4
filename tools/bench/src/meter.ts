import { readdirSync, readFileSync } from 'node:fs'

/** A process and everything it started; its name is what the figures are called. */
export type Metered = Readonly<{ name: string; pid: number }>

/** The kernel counts CPU time in ticks of 10 ms, on every platform Linux runs Node on. */
const MS_PER_TICK = 10

/** CPU milliseconds used so far by each, with all descendants, also those that have ended. */
export function cpuMs(processes: readonly Metered[]): Map<string, number> {
  const table = readProcesses()
  return new Map(
    processes.map(({ name, pid }) => [name, sum(tree(table, pid).map((each) => each.ticks)) * MS_PER_TICK]),
  )
}

/**
 * The same for processes of one thread each, such as PostgreSQL's: to the microsecond, where ticks would need seconds of work
 * to tell a few percent. Those that have ended count in ticks.
 */
export function cpuMsOfSingleThreads({ pid: root }: Pick<Metered, 'pid'>): number {
  return sum(
    tree(readProcesses(), root).map(({ pid, ticks, endedTicks }) => {
      const nanoseconds = readFile(`/proc/${pid}/schedstat`)?.split(' ')[0]
      const livingMs = nanoseconds === undefined ? (ticks - endedTicks) * MS_PER_TICK : Number(nanoseconds) / 1e6
      return livingMs + endedTicks * MS_PER_TICK
    }),
  )
}

/**
 * Memory in MiB of each, with all descendants. `pss` divides shared pages among those who share them, so that a sum over
 * processes is what the machine really uses; `rss` counts them in full.
 */
export function memoryMiB(processes: readonly Metered[]): Map<string, { pss: number; rss: number }> {
  const table = readProcesses()
  return new Map(
    processes.map(({ name, pid }) => {
      const maps = tree(table, pid).map((each) => readFile(`/proc/${each.pid}/smaps_rollup`) ?? '')
      const total = (field: string) => sum(maps.map((text) => kibibytes(text, field))) / 1024
      return [name, { pss: total('Pss'), rss: total('Rss') }]
    }),
  )
}

/** `ticks` with those of children that have ended, `endedTicks` those alone. */
type Entry = Readonly<{ pid: number; parent: number; ticks: number; endedTicks: number }>

/** A child that was waited for is counted in its parent's own figures, one that runs in its own. */
function readProcesses(): Entry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readFile(`/proc/${name}/stat`)
      if (stat === null) return []
      // The command, in brackets, may hold blanks: count from its end. state ppid ... utime stime cutime cstime.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [ticks, endedTicks] = [sum(fields.slice(11, 15).map(Number)), sum(fields.slice(13, 15).map(Number))]
      return [{ pid: Number(name), parent: Number(fields[1]), ticks, endedTicks }]
    })
}

function tree(table: readonly Entry[], root: number): Entry[] {
  const own = table.filter((entry) => entry.pid === root)
  return [...own, ...table.filter((entry) => entry.parent === root).flatMap((child) => tree(table, child.pid))]
}

function kibibytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0)
}

/** Null when the process has ended meanwhile. */
function readFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
