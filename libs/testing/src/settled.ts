import { type ServiceName, serviceContracts, serviceNames, topicMatches } from '@tributary/contracts'
import { query } from '@tributary/database'
import { deadQueueOf, delayTiers, isListening, queueOf, type RelayStream, streamSql } from '@tributary/messaging'
import type { Channel } from 'amqplib'
import type { TestBroker } from './broker.ts'
import type { TestDatabase } from './database.ts'
import { Missing, until } from './until.ts'

/** What `settled` looks at. */
export type Watched = Readonly<{
  broker: TestBroker
  databases: Readonly<Partial<Record<ServiceName, TestDatabase>>>
  /** Streams beside the outbox, by service. */
  streams?: Readonly<Partial<Record<ServiceName, readonly RelayStream[]>>>
}>

export type SettledOptions = Readonly<{
  timeoutMs?: number
  /** How many messages may be parked in all. Default 0: parking is a leftover too. */
  parked?: number
}>

/** An event that left a service, and the services that have not heard it yet. */
type Said = { messageId: string; type: string; by: ServiceName; unheard: ServiceName[] }
type Source = { service: ServiceName; database: TestDatabase; stream: RelayStream; xid: string; seq: string }

/**
 * Waits until nothing is on its way any more: every event that any outbox or stream holds is published, and is in
 * the inbox of every service that hears its type; no queue holds a message. Fails with a list of what is left over.
 *
 * It asks the databases, not the broker's counts, which lag: a handler's inbox row and what it publishes commit
 * together, so once all that was said is heard, and nothing more was said meanwhile, nothing can follow.
 */
export async function settled(
  watched: Watched,
  { timeoutMs = 20_000, parked = 0 }: SettledOptions = {},
): Promise<void> {
  const channel = await watched.broker.channel()
  const sources = sourcesOf(watched)
  const waiting: Said[] = []
  const isReadable = newPatience(sources[0]?.database ?? neverWatched())
  try {
    await until(
      'everything to be published and heard',
      async () => {
        const allIsReadable = await isReadable()
        const isNews = await collect(watched, sources, waiting)
        await crossOff(watched, waiting)
        const besides = [...(await listUnpublished(sources)), ...(await listQueued(channel, watched))]
        if (!allIsReadable) besides.push('an older transaction is still open')
        if (isNews || waiting.length > 0 || besides.length > 0) return new Missing(describe(waiting, besides))
        // Nothing was said while we asked who had heard: only then is the answer about one moment.
        await until('older transactions to end', isReadable, { timeoutMs })
        if (await collect(watched, sources, waiting)) return new Missing(describe(waiting))
        return true
      },
      { timeoutMs },
    )
  } finally {
    await channel.close().catch(() => {})
  }
  await checkParked(watched, parked)
}

/** The outbox stream as the relay reads it; @tributary/messaging keeps its own. */
const outbox: RelayStream = {
  name: 'outbox',
  table: 'outbox',
  columns: 'e.message_id, e.type, e.destination',
}

function sourcesOf({ databases, streams = {} }: Watched): Source[] {
  return serviceNames.flatMap((service) => {
    const database = databases[service]
    if (database === undefined) return []
    return [outbox, ...(streams[service] ?? [])].map((stream) => ({ service, database, stream, xid: '0', seq: '0' }))
  })
}

type StreamRow = { xid_text: string; seq_text: string; message_id: string; type: string; destination: string | null }

/** Adds what was said since the last look; answers whether there was anything. */
async function collect(watched: Watched, sources: Source[], waiting: Said[]): Promise<boolean> {
  let isNews = false
  for (const source of sources) {
    for (const row of await readOn(source)) {
      isNews = true
      source.xid = row.xid_text
      source.seq = row.seq_text
      const unheard = hearersOf(row, watched)
      if (unheard.length > 0) waiting.push({ messageId: row.message_id, type: row.type, by: source.service, unheard })
    }
  }
  return isNews
}

const READ_MAX = 100_000

function readOn({ database, stream, xid, seq }: Source): Promise<StreamRow[]> {
  // The relay binds $1..$3; here they become knex's.
  return query<StreamRow>(database.db, streamSql(stream).batch.replace(/\$[123]/g, '?'), [xid, seq, READ_MAX])
}

/**
 * Streams leave rows aside that an unfinished transaction might still precede. So a look counts only once all that ran
 * when it began has ended. One count of transactions serves the whole server, so any of its databases can tell.
 */
function newPatience({ db }: TestDatabase): () => Promise<boolean> {
  let bound: string | null = null
  return async () => {
    const [row] = await query<{ now: string; passed: boolean }>(
      db,
      `select pg_snapshot_xmax(s)::text as now, pg_snapshot_xmin(s) >= coalesce(?::xid8, pg_snapshot_xmax(s)) as passed
       from pg_current_snapshot() s`,
      [bound],
    )
    bound = row?.passed ? null : (bound ?? row?.now ?? null)
    return row?.passed === true
  }
}

function hearersOf({ type, destination }: StreamRow, { databases }: Watched): ServiceName[] {
  return serviceNames.filter((service) => {
    if (databases[service] === undefined) return false
    if (destination !== null) return destination === queueOf(service)
    return serviceContracts[service].hears.some((pattern) => topicMatches(pattern, type))
  })
}

/** Takes out what all who hear it have in their inbox. */
async function crossOff({ databases }: Watched, waiting: Said[]): Promise<void> {
  for (const service of serviceNames) {
    const mine = waiting.filter((said) => said.unheard.includes(service))
    const database = databases[service]
    if (mine.length === 0 || database === undefined) continue
    const rows = await query<{ message_id: string }>(
      database.db,
      'select message_id from inbox where message_id = any(?::uuid[])',
      [mine.map((said) => said.messageId)],
    )
    const heard = new Set(rows.map((row) => row.message_id))
    for (const said of mine) {
      if (heard.has(said.messageId)) said.unheard = said.unheard.filter((name) => name !== service)
    }
  }
  waiting.splice(0, waiting.length, ...waiting.filter((said) => said.unheard.length > 0))
}

/** Streams whose relay is behind; what nobody hears has to leave, too. */
async function listUnpublished(sources: readonly Source[]): Promise<string[]> {
  const behind: string[] = []
  for (const { service, database, stream, xid, seq } of sources) {
    const [row] = await query<{ passed: boolean }>(
      database.db,
      `select exists (select from relay_checkpoints where stream = ? and (xid, seq) >= (?::xid8, ?::bigint)) as passed`,
      [stream.name, xid, seq],
    )
    if (seq !== '0' && !row?.passed) behind.push(`${service} has not published all of its ${stream.name}`)
  }
  return behind
}

/** Ready messages, by a passive declaration: exact, and without statistics. */
async function listQueued(channel: Channel, { databases }: Watched): Promise<string[]> {
  const services = serviceNames.filter((service) => isListening(service) && databases[service] !== undefined)
  const queues = [
    ...services.flatMap((service) => [queueOf(service), deadQueueOf(service)]),
    ...delayTiers.map((tier) => tier.name),
  ]
  const lines: string[] = []
  for (const queue of queues) {
    const { messageCount } = await channel.checkQueue(queue)
    if (messageCount > 0) lines.push(`${queue} holds ${messageCount} messages`)
  }
  return lines
}

function describe(waiting: readonly Said[], besides: readonly string[] = ['something was said a moment ago']): string {
  const lines = waiting.map(
    ({ type, by, messageId, unheard }) => `${type} by ${by} (${messageId}) is not yet heard by ${unheard.join(', ')}`,
  )
  if (lines.length > LISTED_MAX)
    lines.splice(LISTED_MAX, Number.POSITIVE_INFINITY, `and ${lines.length - LISTED_MAX} more`)
  return [...lines, ...besides].map((line) => `  ${line}`).join('\n')
}

const LISTED_MAX = 20

function neverWatched(): never {
  throw new Error('settled needs at least one database to watch')
}

type Parked = { type: string; reason: string }

async function checkParked({ databases }: Watched, allowed: number): Promise<void> {
  const lines: string[] = []
  for (const [service, database] of Object.entries(databases)) {
    const rows = await query<Parked>(database.db, `select type, reason from parked_messages where status = 'parked'`)
    lines.push(...rows.map(({ type, reason }) => `  ${service} parked ${type}: ${reason}`))
  }
  if (lines.length > allowed) throw new Error(`settled, but ${lines.length} messages are parked:\n${lines.join('\n')}`)
}
