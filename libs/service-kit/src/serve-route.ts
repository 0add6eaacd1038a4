import { Readable } from 'node:stream'
import type { Feature } from '@tributary/contracts'
import type { Database } from '@tributary/database'
import type { Logger } from '@tributary/observability'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type Authenticate, authorize } from './auth.ts'
import { readCommand, runOnce, type StoredAnswer } from './command-keys.ts'
import { type CsvAnswer, csvText, prefersCsv } from './csv.ts'
import { requireFeatures } from './plan.ts'
import type { Problem } from './problem.ts'
import { inputReader } from './read-input.ts'
import type { Answer, InTransaction, Principal, RequestContext, Route } from './route.ts'
import { type StreamAnswer, sendStream } from './stream.ts'

/** What the kit hands on to every request. */
export type Surroundings = Readonly<{
  db: Database
  transaction: InTransaction
  now: () => Date
  newId: () => string
  log: Logger
  authenticate: Authenticate
  wake: (stream?: string) => void
}>

export type ServedRoute = Readonly<{
  /** Before the body is read: nobody without a right to call costs more than a header. Null where anybody has it. */
  admit: ((request: FastifyRequest) => Promise<void>) | null
  handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
  /** Tells the route of a request that it never saw. */
  refused: ((problem: Problem, request: FastifyRequest) => void) | null
}>

/** Turns a declared route into what the server calls: admit, read the input, run, encode the answer. */
export function serveRoute(route: Route, surroundings: Surroundings): ServedRoute {
  const read = inputReader(route)
  const { access } = route
  return {
    admit:
      'public' in access
        ? null
        : async (request) => {
            const principal = await surroundings.authenticate(request)
            request.principal = principal
            authorize(principal, access)
          },
    refused: route.refused
      ? (problem, request) => route.refused?.(problem, request, newContext(surroundings, request))
      : null,
    async handle(request, reply) {
      // Most routes need nothing of a plan, and then not even a turn of the event loop.
      const needed = neededFor(route, request)
      if (needed.length > 0) await requireFeatures(surroundings.db, needed)
      const body = route.rawBodyMaxBytes !== undefined ? (request.body ?? Buffer.alloc(0)) : request.body
      const input = { ...read({ body, params: request.params, query: request.query }), request } as never
      const context = newContext(surroundings, request)
      if (route.csv !== undefined) reply.header('vary', 'accept')
      if (!isKeyed(route, request)) {
        const given = await route.handle(input, context)
        if ('lines' in given) return sendCsv(reply, given)
        if ('chunks' in given)
          return sendStream(request, reply, { ...given, contentType: route.streams ?? 'text/plain' })
        return send(reply, encode(route, given))
      }
      const command = readCommand(request, request.principal === null ? '' : request.principal.id)
      const answer = await runOnce(command, surroundings.transaction, surroundings.now, async (transaction) =>
        encode(route, await route.handle(input, newContext({ ...surroundings, transaction }, request))),
      )
      if (answer.replayed) reply.header('idempotency-replayed', 'true')
      return send(reply, answer)
    },
  }
}

function neededFor({ needs, csv, csvNeeds }: Route, request: FastifyRequest): Feature[] {
  const needed = needs === undefined ? [] : [needs]
  if (csvNeeds !== undefined && csv !== undefined && prefersCsv(request)) needed.push(csvNeeds)
  return needed
}

/** Whether the command runs under a key: always where one is required, and where one was sent. */
function isKeyed({ idempotencyKey }: Route, request: FastifyRequest): boolean {
  if (idempotencyKey === undefined) return false
  return idempotencyKey === 'required' || request.headers['idempotency-key'] !== undefined
}

function newContext(surroundings: Surroundings, request: FastifyRequest): RequestContext {
  const { db, transaction, now, newId, log, wake } = surroundings
  let child: Logger | null = null
  return {
    db,
    transaction,
    now,
    newId,
    wake,
    principal: request.principal,
    // Made when first used: most requests write nothing but their wide line.
    get log() {
      child ??= log.child({ requestId: request.id })
      return child
    },
  }
}

/** What goes over the wire: only what the answer's shape names, amounts as numbers. A mismatch is a fault of ours. */
function encode(route: Route, given: Answer | CsvAnswer | StreamAnswer): StoredAnswer {
  if ('lines' in given || 'chunks' in given)
    throw new Error(`${route.method} ${route.path} answered a stream, which is not kept with a key`)
  const { status, body, headers = {} } = given
  const shape = route.answers[status]
  if (shape === undefined)
    throw new Error(`${route.method} ${route.path} answered ${status}, which it does not declare`)
  if (status === 204) return { status, body: null, headers }
  return { status, body: JSON.stringify(z.encode(shape, body as never)), headers }
}

function send(reply: FastifyReply, { status, body, headers }: StoredAnswer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === null) return reply.send()
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return reply.send(body)
}

/** When a line cannot be made, the connection breaks off: what arrived is then not whole, and the caller sees it. */
function sendCsv(reply: FastifyReply, { status, filename, lines }: CsvAnswer): FastifyReply {
  return reply
    .code(status)
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${filename}"`)
    .send(Readable.from(csvText(lines)))
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the body is read; null on public routes. */
    principal: Principal | null
  }
}
