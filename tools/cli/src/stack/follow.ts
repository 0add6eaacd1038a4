import type { ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Repeats what the background supervisor writes to `log`, until it has said everything (0) or ended (its exit code). */
export async function followUntilReady(child: ChildProcess, log: string): Promise<number> {
  const file = openSync(log, 'r')
  let position = fstatSync(file).size
  let exit: number | undefined
  let announced: number | undefined
  child.once('message', (exitCode) => {
    announced = Number(exitCode)
  })
  child.once('exit', (code, signal) => {
    if (signal !== null)
      console.error(`the stack's process ended (${signal}) before all was ready: ./tributary down cleans up`)
    exit = code ?? 1
  })
  child.once('error', (error) => {
    console.error(error.message)
    exit = 1
  })
  const copy = () => {
    const buffer = Buffer.alloc(64 * 1024)
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, position)
      if (count === 0) return
      position += count
      process.stdout.write(buffer.subarray(0, count))
    }
  }
  // Ctrl-C while waiting means the whole start, not only the waiting.
  process.once('SIGINT', () => child.kill('SIGTERM'))
  try {
    for (;;) {
      // Looked at before copying, so that the last lines are copied too.
      const over = announced ?? exit
      copy()
      if (over !== undefined) return over
      await sleep(50)
    }
  } finally {
    closeSync(file)
    child.unref()
  }
}
