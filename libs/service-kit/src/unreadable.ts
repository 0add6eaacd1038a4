import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ProblemCode, problems } from '@tributary/contracts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from './problem.ts'

const socketProblems: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}
const reasonPhrases = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }

/** Node tells anew of every chunk that follows. */
const told = new WeakSet<Socket>()

/**
 * Answers what Node could not read as a request, and closes: nothing after it on the connection can be trusted. Requests
 * before it on the connection get their own answers first: a client takes them in order, and would else believe that a
 * webhook we stored was refused.
 */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  if (told.has(socket)) return
  told.add(socket)
  socket.pause()
  answerAfterThoseInHand(socketProblems[error.code ?? ''] ?? 'request_malformed', socket)
}

function answerAfterThoseInHand(code: ProblemCode, socket: Socket): void {
  const inHand = answerInHand(socket)
  if (inHand?.req.complete === true) inHand.once('close', () => answerAfterThoseInHand(code, socket))
  // Its own body is what cannot be read, and the answer is out already.
  else if (inHand?.headersSent === true) socket.destroySoon()
  else endWith(code, socket)
}

/** Ends a connection, unless a whole request came on it whose answer is not begun. */
export function giveUpUnlessWorking(socket: Socket): void {
  const inHand = answerInHand(socket)
  if (inHand?.headersSent === true) socket.destroy()
  else if (inHand?.req.complete !== true) endWith('request_timeout', socket)
}

/** What Node writes to this connection next; it keeps it in a field without a documented name, as its own handler reads it. */
function answerInHand(socket: Socket): ServerResponse | null {
  return (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage ?? null
}

function endWith(code: ProblemCode, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(new Problem(code).toBody())
  const status = problems[code].status
  socket.end(
    `HTTP/1.1 ${status} ${reasonPhrases[status as 400]}\r\ncontent-type: application/problem+json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

/** Problems instead of Node's own answers, which have no body, where it would not ask the application. */
export function answerInsteadOfNode(app: FastifyInstance): void {
  // Whoever expects what we do not know gets the same answer as without: RFC 9110 leaves that to us.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => {})
    endWith('request_malformed', socket)
  })
  app.addHook('onRequest', (request, _reply, done) => done(refuseHosts(request)))
}

/** HTTP/1.1 wants one host; of two, a proxy before us may have taken the other. */
function refuseHosts({ raw }: FastifyRequest): Problem | undefined {
  let hosts = 0
  for (let at = 0; at < raw.rawHeaders.length; at += 2) {
    const name = raw.rawHeaders[at]!
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0')) return undefined
  return new Problem('request_malformed', { detail: 'A request names one host.' })
}
