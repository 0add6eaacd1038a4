import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Failure } from '../arguments.ts'
import { root } from '../places.ts'

const program = join(root, 'tools', 'bench', 'src', 'main.ts')

/** Hands everything over to tools/bench, which knows its scenarios and their options. */
export const bench: Command = {
  name: 'bench',
  summary: 'run the benchmarks',
  run(words) {
    if (!existsSync(program)) throw new Failure('tools/bench is not in this checkout')
    const child = spawn(process.execPath, [program, ...words], { cwd: root, stdio: 'inherit' })
    // Ctrl-C reaches both; the benchmark stops its servers and we end with it.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
  },
}
