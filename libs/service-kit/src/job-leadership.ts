import { openSession, type Session } from '@tributary/database'

export type LeadershipOptions = Readonly<{ url: string; applicationName: string }>

/** One connection that holds the locks of all jobs this process leads. When it breaks, all are lost at once. */
export type Leadership = Readonly<{
  /** The signal of the lead, aborted when it is lost; null while another process leads. Throws when the database is away. */
  lead(job: string): Promise<AbortSignal | null>
  stop(): Promise<void>
}>

type Connection = {
  readonly session: Session
  readonly lost: AbortController
  readonly held: Set<string>
  /** Ends when the connection is free: it takes one query at a time. */
  free: Promise<unknown>
}

export function newLeadership({ url, applicationName }: LeadershipOptions): Leadership {
  let connecting: Promise<Connection> | null = null
  let stopped = false

  const connect = async (): Promise<Connection> => {
    const session = await openSession({ url, applicationName })
    const connection = { session, lost: new AbortController(), held: new Set<string>(), free: Promise.resolve() }
    session.once('end', () => {
      connecting = null
      connection.lost.abort()
    })
    return connection
  }
  const connected = (): Promise<Connection> => {
    connecting ??= connect().catch((error: unknown) => {
      connecting = null
      throw error
    })
    return connecting
  }

  return {
    async lead(job) {
      if (stopped) return null
      const connection = await connected()
      const isLed = connection.free.then(() => isLedBy(connection, job))
      connection.free = isLed.catch(() => undefined)
      return (await isLed) ? connection.lost.signal : null
    },
    async stop() {
      stopped = true
      const connection = await connecting?.catch(() => null)
      await connection?.session.end().catch(() => undefined)
    },
  }
}

async function isLedBy({ session, held }: Connection, job: string): Promise<boolean> {
  if (held.has(job)) {
    // A connection can be dead without a word; asking it before each run finds out.
    await session.query('select 1')
    return true
  }
  // Two keys: ours, apart from any other advisory lock, and the job's.
  const { rows } = await session.query<{ leads: boolean }>(
    "select pg_try_advisory_lock(hashtext('tributary job'), hashtext($1)) as leads",
    [job],
  )
  if (rows[0]?.leads !== true) return false
  held.add(job)
  return true
}
