import { connect, type Socket } from 'node:net'

export type LoadOptions = Readonly<{
  host: string
  port: number
  /** Each keeps one request under way and sends the next when the answer is complete; all are kept alive. */
  connections: number
  /** Whole requests, ready to be written; answers undefined when there are no more. */
  next: () => Buffer | undefined
  /** Stop sending after this long, even if there are more. */
  maxMs?: number
}>

export type LoadResult = Readonly<{
  /** Complete answers, whatever their status. */
  answers: number
  /** How many answers had each status. */
  statuses: ReadonlyMap<number, number>
  /** The body of the first answer that was not 2xx, for whoever wonders why. */
  firstRefusal: string | null
  /** Wall clock, from just before the first byte to the last answer. */
  elapsedMs: number
  p50Ms: number
  p99Ms: number
}>

/**
 * Sends prepared requests as fast as the server answers them. Bare sockets: on two shared cores every microsecond the
 * generator takes is missing from what it measures. Rejects when a connection fails or an answer cannot be read.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const statuses = new Map<number, number>()
  const latencies: number[] = []
  let firstRefusal: string | null = null
  const startedAt = performance.now()
  const until = startedAt + (options.maxMs ?? Number.POSITIVE_INFINITY)
  const note = (status: number, body: () => string, ms: number) => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    latencies.push(ms)
    if (status >= 300) firstRefusal ??= body()
  }
  const sockets: Socket[] = []
  const lanes = Array.from({ length: options.connections }, () => runLane(options, until, sockets, note))
  try {
    await Promise.all(lanes)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  const elapsedMs = performance.now() - startedAt
  latencies.sort((a, b) => a - b)
  return {
    answers: latencies.length,
    statuses,
    firstRefusal,
    elapsedMs,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  }
}

type Note = (status: number, body: () => string, ms: number) => void

function runLane(options: LoadOptions, until: number, sockets: Socket[], note: Note): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: options.host, port: options.port, noDelay: true })
    sockets.push(socket)
    let sentAt = 0
    let received: Buffer = Buffer.alloc(0)
    const send = () => {
      const request = performance.now() < until ? options.next() : undefined
      if (request === undefined) {
        socket.removeAllListeners('close')
        socket.end()
        resolve()
        return
      }
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      try {
        const answer = readAnswer(received)
        if (answer === null) return
        note(answer.status, answer.body, performance.now() - sentAt)
        received = Buffer.alloc(0)
        send()
      } catch (error) {
        reject(error)
      }
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed a connection that was in use')))
  })
}

/** The answer once it is complete, else null. Understands Content-Length only: the servers measured here always send it. */
export function readAnswer(received: Buffer): { status: number; body: () => string } | null {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return null
  const head = received.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without Content-Length: ${head}`)
  const end = headEnd + 4 + Number(length)
  if (received.length < end) return null
  if (received.length > end) throw new Error('the server sent more than one answer to one request')
  return { status: Number(head.slice(9, 12)), body: () => received.toString('utf8', headEnd + 4, end) }
}

/** The value below which this share of the sorted numbers lies; NaN where there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
