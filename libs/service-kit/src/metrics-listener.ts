import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from '@tributary/observability'

export type MetricsListener = Readonly<{ url: string; stop(): Promise<void> }>

export type MetricsListenerOptions = Readonly<{
  metrics: Metrics
  host: string
  port: number
  /** Brings what is shown up to date; must not throw. */
  refresh: () => Promise<void>
}>

/** What scrapers wait for by default is 10 s; what is known is better than nothing. */
const REFRESH_MAX_MS = 3_000

/** /metrics on a listener of its own, so that the public one never shows them. */
export async function startMetricsListener(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { metrics, host, port } = options
  const refresh = newRefresh(options.refresh)
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    const scraped = refresh().then(() => metrics.registry.metrics())
    scraped.then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await listening(server, host, port)
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** However many ask, one refresh runs at a time, and none is waited for longer than `REFRESH_MAX_MS`. */
function newRefresh(refresh: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => {
    running ??= refresh().finally(() => {
      running = null
    })
    const enough = AbortSignal.timeout(REFRESH_MAX_MS)
    return Promise.race([running, new Promise<void>((resolve) => enough.addEventListener('abort', () => resolve()))])
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      server.on('clientError', (_error, socket) => socket.destroy())
      resolve()
    })
  })
}
