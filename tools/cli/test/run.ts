import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Runs `./tributary` as a person would, with its state in `home` and nothing of this test run's servers in sight. */
export function tributary(home: string, words: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const { DATABASE_URL: _, AMQP_URL: __, ...inherited } = process.env
  const env = { ...inherited, TRIBUTARY_HOME: home, ...extra }
  const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
