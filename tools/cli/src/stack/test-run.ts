import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { readJson } from '@tributary/servers'
import { root } from '../places.ts'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const noCounts: Counts = { passed: 0, failed: 0, skipped: 0 }

export function add(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  }
}

const checks = [
  { name: 'format and lint', command: 'biome', words: ['ci', '.'] },
  { name: 'promises and imports', command: 'oxlint', words: ['--type-aware'] },
  { name: 'types', command: 'tsc', words: ['--noEmit', '-p', 'tsconfig.json'] },
]

/** Each check counts as one test. All run, also after one failed: a reader wants the whole list. */
export async function runChecks(): Promise<Counts> {
  let counts = noCounts
  for (const { name, command, words } of checks) {
    const begun = Date.now()
    const code = await run(command, words)
    const seconds = ((Date.now() - begun) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok' : 'FAILED'}  ${name} (${seconds} s)`)
    counts = add(counts, code === 0 ? { ...noCounts, passed: 1 } : { ...noCounts, failed: 1 })
  }
  return counts
}

/** What vitest's JSON reporter writes, as far as we read it. */
interface VitestReport {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/** Runs vitest for people to read, and counts from its JSON report. */
export async function runVitest(group: string | undefined, folder: string): Promise<Counts> {
  const file = join(folder, 'vitest.json')
  const words = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  if (group !== undefined) words.push('--project', group)
  const code = await run('vitest', words)
  const report = readJson<VitestReport>(file)
  if (report === undefined) {
    console.log(`vitest ended (exit ${code}) without a report: counted as one failed`)
    return { ...noCounts, failed: 1 }
  }
  return countReport(report, code)
}

/** A file that could not even be loaded counts as one failed; so does an error outside any test. */
export function countReport(report: VitestReport, exitCode: number): Counts {
  let counts = noCounts
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map((each) => each.status)
    const failed = statuses.filter((each) => each === 'failed').length
    const passed = statuses.filter((each) => each === 'passed').length
    const unloadable = file.status === 'failed' && failed === 0 ? 1 : 0
    counts = add(counts, { passed, failed: failed + unloadable, skipped: statuses.length - failed - passed })
  }
  if (counts.failed === 0 && (exitCode !== 0 || !report.success)) {
    console.log(`vitest ended with exit ${exitCode} though no test failed: counted as one failed`)
    return { ...counts, failed: 1 }
  }
  return counts
}

function run(name: string, words: readonly string[]): Promise<number> {
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` }
  const child = spawn(join(bin, name), [...words], { cwd: root, stdio: 'inherit', env })
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
