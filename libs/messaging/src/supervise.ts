import { backoff, type Clockwork } from './backoff.ts'

/**
 * A link to the broker is
 *
 *   connecting  no connection, or the topology does not stand yet: tried again with backoff, for ever
 *   up          usable
 *   blocked     connected, but the broker is short of memory or disk and takes no messages
 *   stopped     by us
 */
export type LinkState = 'connecting' | 'up' | 'blocked' | 'stopped'

export type LinkOptions = Readonly<{
  clockwork: Clockwork
  onState(state: LinkState): void
  onError(error: unknown): void
}>

/** What the supervisor needs to know of a connection. */
export type Supervised = {
  on(event: 'error' | 'handler-error' | 'blocked' | 'unblocked', listener: (detail: unknown) => void): unknown
  once(event: 'close', listener: () => void): unknown
  close(): Promise<void>
}

export type SupervisedLink = Readonly<{
  state(): LinkState
  /** Resolves once the link is up, stopped, or the signal is aborted. */
  ready(signal: AbortSignal): Promise<void>
  /** Gives the connection up, for a new one. */
  recycle(): void
  stop(): Promise<void>
}>

/** What was set up on one connection. */
export type Session = { closed: Promise<unknown>; forget(): void; close(): Promise<void> }

/** Keeps one connection and what was set up on it alive, until it is stopped. */
export function supervise<Connection extends Supervised>(
  options: LinkOptions,
  connect: () => Promise<Connection>,
  setUp: (connection: Connection) => Promise<Session>,
): SupervisedLink {
  const { clockwork, onError } = options
  const stopping = new AbortController()
  const states = stateKeeper(options.onState)
  let recycleNow: () => void = () => {}

  async function connectOnce(): Promise<void> {
    const connection = await connect()
    connection.on('error', onError)
    connection.on('handler-error', onError)
    connection.on('blocked', () => states.enter('blocked'))
    connection.on('unblocked', () => states.enter('up'))
    let session: Session | null = null
    try {
      const connectionClosed = closedEvent(connection)
      session = await setUp(connection)
      const recycled = new Promise<void>((resolve) => {
        recycleNow = resolve
      })
      states.enter('up')
      await Promise.race([connectionClosed, session.closed, recycled, aborted(stopping.signal)])
    } finally {
      if (stopping.signal.aborted) await clockwork.within(2_000, session?.close() ?? Promise.resolve()).catch(onError)
      else states.enter('connecting')
      session?.forget()
      await clockwork.within(2_000, connection.close()).catch(() => {})
    }
  }

  async function keepConnected(): Promise<void> {
    const delays = backoff({ firstMs: 200, maxMs: 5_000 })
    while (!stopping.signal.aborted) {
      const startedAt = clockwork.monotonicMs()
      await connectOnce().catch(onError)
      // A connection that held for a while was a good one: start with short waits again.
      if (clockwork.monotonicMs() - startedAt > 10_000) delays.reset()
      if (!stopping.signal.aborted) await clockwork.wait(delays.next(), stopping.signal)
    }
  }

  const running = keepConnected()
  return {
    state: states.current,
    ready: states.ready,
    recycle: () => recycleNow(),
    async stop() {
      stopping.abort()
      await running
      states.enter('stopped')
    },
  }
}

/** Remembers the state, tells of changes, and wakes who waits for the link to be up. */
function stateKeeper(onState: (state: LinkState) => void) {
  let state: LinkState = 'connecting'
  const waiting = new Set<() => void>()
  return {
    current: (): LinkState => state,
    enter(next: LinkState): void {
      if (state === next) return
      state = next
      onState(next)
      if (next === 'up' || next === 'stopped') for (const wake of [...waiting]) wake()
    },
    ready: (signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (state === 'up' || state === 'stopped' || signal.aborted) return resolve()
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      }),
  }
}

export function closedEvent(emitter: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => emitter.once('close', () => resolve()))
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
