import pino, { type DestinationStream, type LogFn, type Logger } from 'pino'
import { loggable, scrub } from './log-fields.ts'

export type { Logger } from 'pino'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/** Writes JSON lines to standard output, buffered for at most 200 ms; the rest is written when the process ends. */
export function newLogger(service: string, level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const logger = pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      // The allow-list has described errors already; pino's own serializer would describe the description.
      serializers: { err: (described: unknown) => described },
      formatters: { level: (label) => ({ level: label }), log: loggable },
      hooks: { logMethod: writeAllowed },
    },
    destination ?? standardOutput(),
  )
  // pino writes what a child is bound to as it is. Children inherit this, so theirs is checked too.
  const child = Reflect.get(logger, 'child') as unknown as (this: Logger, bindings: object, options?: never) => Logger
  logger.child = function (this: Logger, bindings: Record<string, unknown>, options?: never) {
    return child.call(this, loggable(bindings), options)
  } as unknown as typeof logger.child
  return logger
}

/**
 * Arguments for placeholders would pass by the allow-list, so they are left out, and a message is scrubbed. There always is one:
 * pino would take the message of an error instead, as it is.
 */
function writeAllowed(this: Logger, [first, second]: unknown[], method: LogFn): void {
  if (typeof first === 'string') method.call(this, scrub(first))
  else {
    const fields = first instanceof Error ? { err: first } : ((first ?? {}) as { event?: unknown })
    const message = typeof second === 'string' ? second : 'event' in fields ? String(fields.event) : ''
    method.call(this, fields, scrub(message))
  }
}

let shared: DestinationStream | null = null

/** One for the process: several services may run in it, and each stream would wait for its exit by itself. */
function standardOutput(): DestinationStream {
  if (shared !== null) return shared
  const stream = pino.destination({ dest: 1, sync: false, minLength: 16_000, periodicFlush: 200 })
  // When whoever reads us is gone, lines have nowhere to go; trying to flush them would keep a stopping process for ever.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    stream.write = () => true
    stream.flushSync = () => {}
    stream.end = () => {}
  })
  process.on('exit', () => {
    try {
      stream.flushSync()
    } catch {
      // Standard output is gone; there is nobody to tell.
    }
  })
  shared = stream
  return stream
}

/** Collects what a unit of work (a request, a batch, a job's step) has to tell, and says it in one line at its end. */
export type WideLine = Readonly<{
  add(fields: Readonly<Record<string, unknown>>): void
  /** Writes the line; a second call does nothing. Level `error` where `err` is among the fields. */
  end(fields?: Readonly<Record<string, unknown>>): void
}>

export function newWideLine(log: Logger, event: string, fields: Readonly<Record<string, unknown>> = {}): WideLine {
  const all: Record<string, unknown> = { event, ...fields }
  const startedAt = performance.now()
  let ended = false
  return {
    add(more) {
      Object.assign(all, more)
    },
    end(more = {}) {
      if (ended) return
      ended = true
      Object.assign(all, { durationMs: Math.round((performance.now() - startedAt) * 100) / 100 }, more)
      log[all.err === undefined ? 'info' : 'error'](all, event)
    },
  }
}
