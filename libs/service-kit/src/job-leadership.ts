import { openSession, type Session } from '@tributary/database'

export type LeadershipOptions = Readonly<{ url: string; applicationName: string }>

/** One connection that holds the locks of all jobs this process leads. When it breaks, all are lost at once. */
export type Leadership = Readonly<{
  /** The signal of the lead, aborted when it is lost; null while another process leads. Throws when the database is away. */
  lead(job: string): Promise<AbortSignal | null>
  stop(): Promise<void>
}>

type Connection = { session: Session; lost: AbortController; held: Set<string> }

export function newLeadership({ url, applicationName }: LeadershipOptions): Leadership {
  let connecting: Promise<Connection> | null = null
  let stopped = false

  const connect = async (): Promise<Connection> => {
    const session = await openSession({ url, applicationName })
    const connection = { session, lost: new AbortController(), held: new Set<string>() }
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
      const { session, lost, held } = await connected()
      if (!held.has(job)) {
        // Two keys: ours, apart from any other advisory lock, and the job's.
        const { rows } = await session.query<{ leads: boolean }>(
          "select pg_try_advisory_lock(hashtext('tributary job'), hashtext($1)) as leads",
          [job],
        )
        if (rows[0]?.leads !== true) return null
        held.add(job)
      } else {
        // A connection can be dead without a word; asking it before each run finds out.
        await session.query('select 1')
      }
      return lost.signal
    },
    async stop() {
      stopped = true
      const connection = await connecting?.catch(() => null)
      await connection?.session.end().catch(() => undefined)
    },
  }
}
