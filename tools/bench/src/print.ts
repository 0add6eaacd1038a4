import { type Figure, passes, type ScenarioResult, type Table } from './result.ts'

/** The results as text for people: a table for each scenario, thresholds beside the figures. */
export function toTable(results: readonly ScenarioResult[]): string {
  return results.map(tableOf).join('\n\n')
}

function tableOf({ scenario, figures, notes, tables = {} }: ScenarioResult): string {
  const rows = figures.map((figure) => [figure.name, number(figure.value), figure.unit, bound(figure), verdict(figure)])
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)))
  const lines = rows.map(([name, value, unit, threshold, result]) =>
    [
      name!.padEnd(widths[0]!),
      value!.padStart(widths[1]!),
      unit!.padEnd(widths[2]!),
      threshold!.padEnd(widths[3]!),
      result!,
    ]
      .join('  ')
      .trimEnd(),
  )
  return [
    scenario,
    ...lines.map((line) => `  ${line}`),
    ...Object.entries(tables).flatMap(([title, table]) => [`  ${title}`, ...rowsOf(table).map((row) => `    ${row}`)]),
    ...notes.map((note) => `  - ${note}`),
  ].join('\n')
}

function rowsOf({ columns, rows }: Table): string[] {
  const cells = [columns, ...rows.map((row) => row.map(number))]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
}

function bound({ threshold, aim }: Figure): string {
  const hoped = aim === undefined ? '' : ` (aim ${number(aim)})`
  if (threshold === undefined) return hoped.trim()
  return ('atLeast' in threshold ? `>= ${number(threshold.atLeast)}` : `<= ${number(threshold.atMost)}`) + hoped
}

function verdict(figure: Figure): string {
  const passed = passes(figure)
  return passed === null ? '' : passed ? 'PASS' : 'MISS'
}

/** Three significant digits below 1000, whole numbers above. */
function number(value: number): string {
  if (!Number.isFinite(value)) return 'not measured'
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
