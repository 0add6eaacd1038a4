import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { clientCredentials, fixedToken, newClient, type Retries, type TokenSource } from '../src/index.ts'

export type Received = Readonly<{ method: string; path: string; headers: IncomingHttpHeaders; body: string }>

/** What a server does with its nth request; the last goes for all that follow. */
export type Turn = (response: ServerResponse, request: Received) => void

/** A service on the wire that does as it is told, request by request, and keeps what it was sent. */
export const scripted = (...turns: readonly Turn[]) => scriptedAt(0, ...turns)

/** The same, at a port of choice. */
export async function scriptedAt(at: number, ...turns: readonly Turn[]) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() }
      received.push(one)
      turns[Math.min(received.length, turns.length) - 1]?.(response, one)
    })
  })
  await new Promise<void>((done) => server.listen(at, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, received }
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Turn =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

export const refuse = (status: number, code: string, headers: Record<string, string> = {}): Turn =>
  json(status, { status, code, title: code }, { 'content-type': 'application/problem+json', ...headers })

/** The request was taken, and then the line broke. */
export const breakOff: Turn = (response) => response.socket?.destroy()

export const quick: Retries = { attempts: 4, waitMs: 1, waitMsMax: 50 }

/** A client for which every service is at one address. */
export function clientOf(url: string, more: { tokens?: TokenSource; retries?: Retries; timeoutMs?: number } = {}) {
  const urls = { ingest: url, rewards: url, ledger: url, payouts: url, fraud: url, admin: url }
  const webhookSecret = `whsec_${Buffer.from('a key of a test, of 24 bytes').toString('base64')}`
  return newClient({ urls, webhookSecret, tokens: fixedToken('t'), retries: quick, ...more })
}

export const credentialsFor = (adminUrl: string): TokenSource =>
  clientCredentials({ adminUrl, clientId: 'shop', clientSecret: 'secret', retries: quick })
