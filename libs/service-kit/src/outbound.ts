import { circuitStates, type Metrics } from '@tributary/observability'
import CircuitBreaker from 'opossum'
import { isInTransaction } from './transaction.ts'

export type OutboundOptions = Readonly<{
  /** Of the other side, as `circuit_state{name}` shows it. */
  name: string
  metrics: Metrics
  /** For the whole call, including its answer's body. */
  timeoutMs?: number
  /** A larger answer is cut off and counts as a failure. */
  answerBytesMax?: number
  /** How long the circuit stays open before one call may try again. */
  retryAfterMs?: number
}>

export type OutboundRequest = Readonly<{
  url: string
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  headers?: Readonly<Record<string, string>>
  body?: string
}>

/** Any answer below 500; what a refusal means is the caller's to say. */
export type OutboundAnswer = Readonly<{ status: number; headers: Headers; body: string }>

/**
 * Why there is no answer. `reached` says what the other side may have done:
 *
 *   no       the request was never sent (circuit open, connection refused, name unknown): trying again is safe
 *   unknown  it may have been carried out: look it up before trying again
 */
export class OutboundError extends Error {
  readonly kind: 'circuit_open' | 'unreachable' | 'timed_out' | 'too_large' | 'server_error'
  readonly reached: 'no' | 'unknown'
  readonly status: number | null

  constructor(kind: OutboundError['kind'], reached: 'no' | 'unknown', status: number | null = null, cause?: unknown) {
    super(`the call failed: ${kind.replaceAll('_', ' ')}${status === null ? '' : ` (${status})`}`, { cause })
    this.name = 'OutboundError'
    this.kind = kind
    this.reached = reached
    this.status = status
  }
}

export type Outbound = Readonly<{
  /** Must not be called inside a transaction. Follows no redirect. Rejects only with OutboundError. */
  call(request: OutboundRequest): Promise<OutboundAnswer>
  stop(): void
}>

/**
 * Calls to one other side, behind one circuit breaker: when half of at least five calls within ten seconds failed (no answer,
 * too late, 5xx), further calls fail at once until `retryAfterMs` has passed and a single one got through.
 */
export function newOutbound(options: OutboundOptions): Outbound {
  const { name, metrics, timeoutMs = 10_000, answerBytesMax = 1_048_576, retryAfterMs = 10_000 } = options
  metrics.circuitState.allow({ name: [name] })
  const show = (state: keyof typeof circuitStates) => metrics.circuitState.set({ name }, circuitStates[state])
  const breaker = new CircuitBreaker((request: OutboundRequest) => send(request, timeoutMs, answerBytesMax), {
    name,
    // The call ends itself, and takes its connection with it; a timeout here would leave both running.
    timeout: false,
    errorThresholdPercentage: 50,
    volumeThreshold: 5,
    rollingCountTimeout: 10_000,
    resetTimeout: retryAfterMs,
    enableSnapshots: false,
  })
  breaker.on('open', () => show('open'))
  breaker.on('halfOpen', () => show('halfOpen'))
  breaker.on('close', () => show('closed'))
  return {
    async call(request) {
      if (isInTransaction())
        throw new Error('an outbound call inside a transaction holds its locks for as long as it takes')
      try {
        return await breaker.fire(request)
      } catch (error) {
        if (error instanceof OutboundError) throw error
        throw new OutboundError('circuit_open', 'no', null, error)
      }
    },
    stop: () => breaker.shutdown(),
  }
}

async function send(request: OutboundRequest, timeoutMs: number, answerBytesMax: number): Promise<OutboundAnswer> {
  const { url, method = 'GET', headers = {}, body } = request
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await readBounded(response, answerBytesMax)
    if (response.status >= 500) throw new OutboundError('server_error', 'unknown', response.status)
    return { status: response.status, headers: response.headers, body: text }
  } catch (error) {
    throw error instanceof OutboundError ? error : toOutboundError(error)
  }
}

async function readBounded(response: Response, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, and with it the connection.
    if (size > bytesMax) throw new OutboundError('too_large', 'unknown', response.status)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function toOutboundError(error: unknown): OutboundError {
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  if (name === 'TimeoutError' || name === 'AbortError') return new OutboundError('timed_out', 'unknown', null, error)
  return new OutboundError('unreachable', neverSent.has(cause?.code ?? '') ? 'no' : 'unknown', null, error)
}
