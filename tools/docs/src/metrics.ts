import { newMetrics } from '@tributary/observability'
import { allServices } from './services.ts'

type Line = Readonly<{ name: string; type: string; labels: string; help: string }>

/** docs/metrics.md: every metric, those of all services first, then what each adds. */
export async function metrics(): Promise<string> {
  const common = await linesOf((service) => newMetrics(service.name), allServices().slice(0, 1))
  const names = new Set(common.map((line) => line.name))
  const sections = [`## Every service\n\n${table(common)}`]
  for (const service of allServices()) {
    const all = await linesOf(() => {
      const made = newMetrics(service.name)
      service.instrument?.(made)
      return made
    }, [service])
    const own = all.filter((line) => !names.has(line.name))
    if (own.length > 0) sections.push(`## ${service.name}\n\n${table(own)}`)
  }
  return [intro, ...sections].join('\n')
}

async function linesOf<S>(
  make: (service: S) => ReturnType<typeof newMetrics>,
  services: readonly S[],
): Promise<Line[]> {
  const lines = services.map(async (service) => {
    const { registry } = make(service)
    const found = await registry.getMetricsAsJSON()
    return found.map(({ name, type, help }) => ({ name, type: String(type), help, labels: labelsOf(registry, name) }))
  })
  return (await Promise.all(lines)).flat().sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** prom-client keeps the names on the instrument, beside what its types declare. */
function labelsOf(registry: ReturnType<typeof newMetrics>['registry'], name: string): string {
  const instrument = registry.getSingleMetric(name) as unknown as { labelNames?: readonly string[] }
  return (instrument.labelNames ?? []).map((label) => `\`${label}\``).join(', ')
}

function table(lines: readonly Line[]): string {
  const rows = lines.map(({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels} | ${help} |`)
  return ['| metric | type | labels | what it says |', '|---|---|---|---|', ...rows, ''].join('\n')
}

const intro = `# Metrics

<!-- Made from the services by \`npm run generate -w tools/docs\`; a test compares. -->

Each service serves \`/metrics\` in the Prometheus text format on a listener of its own (\`METRICS_PORT\`, by default its port + 100).
Beside these there are prom-client's \`process_*\` and \`nodejs_*\`.
`
