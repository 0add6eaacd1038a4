/**
 * What a failed query means for whoever asked:
 *
 *   retry       two transactions collided (40001, 40P01, 55P03 lock timeout): the same work may succeed now
 *   connection  the database is away, shutting down or not ready (no partition yet): nobody's work is to blame
 *   data        the values can never be stored (class 22, check and not-null violations)
 *   other       everything else
 */
export type ErrorClass = 'retry' | 'connection' | 'data' | 'other'

const retryCodes = new Set(['40001', '40P01', '55P03'])
// 57P01..03 shutdowns and starts, 53300 too many connections, 25006 read-only during a failover.
const connectionCodes = new Set(['57P01', '57P02', '57P03', '53300', '25006', '25P03'])
const dataCodes = new Set(['23502', '23514'])
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
])

export function classify(error: unknown): ErrorClass {
  const { code, message } = fields(error)
  if (isWithoutPartition(error)) return 'connection'
  if (code !== undefined) {
    if (retryCodes.has(code)) return 'retry'
    if (connectionCodes.has(code) || code.startsWith('08') || socketCodes.has(code)) return 'connection'
    if (dataCodes.has(code) || /^22...$/.test(code)) return 'data'
  }
  // pg and knex report a lost or unavailable connection without a code.
  return /Connection terminated|connection timeout|Timeout acquiring a connection|Client has encountered|Connection ended|pool is probably full|Unable to acquire a connection/i.test(
    message,
  )
    ? 'connection'
    : 'other'
}

/**
 * Whether a row found no partition to go into. PostgreSQL reports it like a violated check, but it is the partition that
 * is missing; the row is right. Told by the place in its source, since the message may be translated.
 */
export function isWithoutPartition(error: unknown): boolean {
  return fields(error).code === '23514' && (error as { routine?: unknown }).routine === 'ExecFindPartition'
}

/** Whether the error is the violation of the constraint with this name. */
export function isViolationOf(error: unknown, constraint: string): boolean {
  return typeof error === 'object' && error !== null && 'constraint' in error && error.constraint === constraint
}

function fields(error: unknown): { code: string | undefined; message: string } {
  if (typeof error !== 'object' || error === null) return { code: undefined, message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { code, message: 'message' in error ? String(error.message) : '' }
}
