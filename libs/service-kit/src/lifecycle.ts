import type { Logger } from '@tributary/observability'

/** What was done and how to undo it. Undone last first, once, whoever asks and however often. */
export type Lifecycle = Readonly<{
  /** Registered beside the doing, right after it succeeded. */
  defer(name: string, undo: () => unknown): void
  /** Answers the names of what could not be undone; never throws. */
  stop(): Promise<readonly string[]>
}>

export function newLifecycle(log: Logger): Lifecycle {
  const undos: { name: string; undo: () => unknown }[] = []
  let stopping: Promise<readonly string[]> | null = null
  const undoAll = async () => {
    const failed: string[] = []
    for (let step = undos.pop(); step !== undefined; step = undos.pop()) {
      try {
        await step.undo()
      } catch (error) {
        failed.push(step.name)
        log.error({ event: 'stop.failed', step: step.name, err: error }, 'a step of the stop failed')
      }
    }
    return failed
  }
  return {
    defer(name, undo) {
      undos.push({ name, undo })
    },
    stop() {
      stopping ??= undoAll()
      return stopping
    },
  }
}

/** Resolves to false when the work outlasts the time. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  const timer = Promise.withResolvers<false>()
  const timeout = setTimeout(() => timer.resolve(false), timeoutMs)
  try {
    return await Promise.race([work.then(() => true), timer.promise])
  } finally {
    clearTimeout(timeout)
  }
}

/**
 * Ends the process when it is told to: the first SIGTERM or SIGINT stops gracefully within the time and exits 0,
 * a second one exits at once. An error that nobody caught is written down and exits 1: its process is in no known state.
 */
export function endWithProcess(
  stop: () => Promise<readonly string[]>,
  { log, timeoutMs }: { log: Logger; timeoutMs: number },
) {
  let asked = false
  const onSignal = async (signal: NodeJS.Signals) => {
    if (asked) {
      log.warn({ event: 'stop.forced', signal }, 'told twice to stop; ending now')
      process.exit(1)
    }
    asked = true
    log.info({ event: 'stop.began', signal }, 'stopping')
    const failed: string[] = []
    const inTime = await within(
      timeoutMs,
      stop().then((names) => failed.push(...names)),
    )
    log.info({ event: 'stop.ended', outcome: inTime ? 'in time' : 'timed out', count: failed.length }, 'stopped')
    process.exit(inTime && failed.length === 0 ? 0 : 1)
  }
  const onError = (error: unknown) => {
    const err = error instanceof Error ? error : new Error(String(error))
    log.fatal({ event: 'process.failed', err }, 'nobody caught this; ending')
    process.exit(1)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void onSignal(signal))
  process.on('uncaughtException', onError).on('unhandledRejection', onError)
}
