import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { toTable } from './print.ts'
import { passes, type Scenario, type ScenarioResult } from './result.ts'

/** Loaded when asked for, in the order in which they run. */
const scenarios: Readonly<Record<string, () => Promise<Scenario>>> = {
  intake: async () => (await import('./scenarios/intake.ts')).intakeScenario,
  pipeline: async () => (await import('./scenarios/pipeline.ts')).pipelineScenario,
  ledger: async () => (await import('./scenarios/ledger.ts')).ledgerScenario,
  growth: async () => (await import('./scenarios/growth.ts')).growthScenario,
  rules: async () => (await import('./scenarios/rules.ts')).rulesScenario,
  soak: async () => (await import('./scenarios/soak.ts')).soakScenario,
  idle: async () => (await import('./scenarios/idle.ts')).idleScenario,
}

const usage = `Usage: ./tributary bench [SCENARIO ...] [--quick] [--large] [--events N] [--json FILE]

  SCENARIO      ${Object.keys(scenarios).join(', ')}; all of them without one
  --quick       short runs that show that the scenarios work; the figures say little
  --large       growth also with 10^7 entries, about 20 minutes and 15 GB of disk more; intake also with 10^7 ids known
  --events N    how many a soak sends through each service; default 1,000,000: about 15 minutes
  --json FILE   writes the results there, too

Prints the results as one line of JSON, then as a table. Exit 1 when a figure misses its threshold.`

class UsageError extends Error {}

type Arguments = Readonly<{
  names: readonly string[]
  quick: boolean
  large: boolean
  events?: number
  json?: string
  help: boolean
}>

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        large: { type: 'boolean' },
        events: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    const unknown = positionals.find((name) => !Object.hasOwn(scenarios, name))
    if (unknown !== undefined) throw new UsageError(`there is no scenario "${unknown}"`)
    const names = positionals.length > 0 ? positionals : Object.keys(scenarios)
    const { quick = false, large = false, help = false, json } = values
    const events = values.events === undefined ? {} : { events: readEvents(values.events) }
    return { names, quick, large, help, ...events, ...(json === undefined ? {} : { json }) }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const EVENTS_MIN = 3_000

function readEvents(text: string): number {
  const events = Number(text.replaceAll('_', ''))
  if (Number.isInteger(events) && events >= EVENTS_MIN) return events
  throw new UsageError(`--events must be a whole number from ${EVENTS_MIN} on`)
}

async function main(): Promise<number> {
  const { names, help, json, ...sizes } = readArguments()
  if (help) {
    console.log(usage)
    return 0
  }
  const results: ScenarioResult[] = []
  for (const name of names) results.push(await runScenario(name, sizes))
  const text = JSON.stringify(results.map(withVerdicts))
  // The table last, where people look.
  console.log(`${text}\n\n${toTable(results)}`)
  if (json !== undefined) writeFileSync(json, `${text}\n`)
  return results.some(({ figures }) => figures.some((figure) => passes(figure) === false)) ? 1 : 0
}

async function runScenario(
  name: string,
  sizes: Pick<Arguments, 'quick' | 'large' | 'events'>,
): Promise<ScenarioResult> {
  const directory = mkdtempSync(join(tmpdir(), `tributary-bench-${name}-`))
  // PostgreSQL does not run as root; the user it runs as must be able to reach its data.
  chmodSync(directory, 0o755)
  const remove = () => rmSync(directory, { recursive: true, force: true })
  // Whoever loses patience leaves nothing behind: servers and services end with this process, see `endWithUs`.
  const onSignal = () => {
    remove()
    process.exit(130)
  }
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const startedAt = Date.now()
  const say = (line: string) => {
    console.error(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${name}: ${line}`)
  }
  try {
    const scenario = await scenarios[name]!()
    return await scenario({ directory, ...sizes, say })
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    remove()
  }
}

function withVerdicts({ figures, ...result }: ScenarioResult) {
  return { ...result, figures: figures.map((figure) => ({ ...figure, pass: passes(figure) })) }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`tributary bench: ${error.message} (see ./tributary bench --help)`)
  process.exitCode = 2
}
