import knex, { type Knex } from 'knex'
import pg from 'pg'

export type Database = Knex
export type Transaction = Knex.Transaction

export type OpenOptions = Readonly<{
  url: string
  /** Shown in pg_stat_activity, so that a blocking transaction names its service. */
  applicationName: string
  poolMax?: number
  /** No write transaction may last over a second (it holds back every relay's guard), so statements end before. */
  statementTimeoutMs?: number
  lockTimeoutMs?: number
}>

/** A connection of its own, for session locks. */
export type Session = pg.Client

const INT8 = 20
const INT8_ARRAY = 1016
const NUMERIC = 1700

/**
 * bigint columns as bigint: a double would round money above 2^53. So are numerics without a fraction: a sum of bigints is one,
 * since it may exceed 64 bits.
 */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format !== 'binary' && oid === INT8) return BigInt
    if (format !== 'binary' && oid === INT8_ARRAY) return parseInt8Array
    if (format !== 'binary' && oid === NUMERIC) return parseNumeric
    return pg.types.getTypeParser(oid, format as 'text')
  },
}

function parseNumeric(text: string): bigint | string {
  return /^-?\d+$/.test(text) ? BigInt(text) : text
}

function parseInt8Array(text: string): bigint[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(BigInt)
}

/** Opens a pool. Connections are made when needed; a database that is away makes queries fail, not this call. */
export function openDatabase(options: OpenOptions): Database {
  return knex({
    client: 'pg',
    connection: connectionOf(options),
    // min 0: an idle service keeps no connection it does not need. 5 s: a caller's patience, not the database's.
    // knex would print what its callers are told anyway.
    // Bound values in an error message would end up wherever the error is told.
    compileSqlOnError: false,
    log: { warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {} },
    pool: { min: 0, max: options.poolMax ?? 10, acquireTimeoutMillis: 5_000, idleTimeoutMillis: 30_000 },
  })
}

/** Opens one connection outside any pool. The caller ends it. */
export async function openSession(options: OpenOptions): Promise<Session> {
  const session = new pg.Client(connectionOf(options))
  // An idle connection that breaks would otherwise end the process; whoever uses it learns from its next query.
  session.on('error', () => {})
  await session.connect()
  return session
}

function connectionOf(options: OpenOptions): Knex.PgConnectionConfig & pg.ClientConfig {
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs ?? 10_000,
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: 10_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    types: types as never,
  }
}
