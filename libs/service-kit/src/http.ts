import type { AddressInfo } from 'node:net'
import { type ProblemCode, problems } from '@tributary/contracts'
import type { Logger, Metrics } from '@tributary/observability'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { sendProblem, toProblem } from './http-problems.ts'
import { parseJson, parseText } from './json.ts'
import { letGoWhenClosing } from './let-go-when-closing.ts'
import { Problem } from './problem.ts'
import type { BodyReader, Route } from './route.ts'
import { type ServedRoute, type Surroundings, serveRoute } from './serve-route.ts'
import { answerInsteadOfNode, answerUnreadable } from './unreadable.ts'

export type HttpOptions = Readonly<{
  routes: readonly Route[]
  surroundings: Surroundings
  metrics: Metrics
  log: Logger
  /** Patience with a slow client. Defaults: 5 s for the headers, 10 s for all. */
  headersTimeoutMs?: number
  requestTimeoutMs?: number
}>

/** Largest JSON body, as the API promises for webhooks. */
const BODY_BYTES_MAX = 64 * 1024
// 16 KiB: a token and a trace fit many times over; a megabyte of headers costs us no memory.
const HEADER_BYTES_MAX = 16 * 1024
const CONNECTIONS_MAX = 4_096

/** The API of a service: its routes, and one clear answer for everything that is no good request. */
export function newHttp(options: HttpOptions): FastifyInstance {
  const { routes, surroundings, metrics, log, headersTimeoutMs = 5_000, requestTimeoutMs = 10_000 } = options
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: requestTimeoutMs,
    // Longer than common load balancers keep an idle connection, so that they and not we close it.
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      requireHostHeader: false, // refused with a body in `answerInsteadOfNode`
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    },
    genReqId: () => surroundings.newId(),
    requestIdHeader: false,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 256 },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, toProblem(error)),
  })
  app.server.maxConnections = CONNECTIONS_MAX
  app.decorateRequest('principal', null)
  app.decorateRequest('failure', null)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(/^application\/json\s*(;|$)/i, { parseAs: 'buffer' }, readBody(parseJson))
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error)
    request.failure = { problem, error }
    // Thrown by the reading of a body: the route itself was not asked.
    if (isAboutBody(error)) (request.routeOptions.config as RouteConfig).refused?.(problem, request)
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(reply, notFound(app, routes, request)))
  observeRequests(app, routes, metrics, log)
  answerInsteadOfNode(app)
  letGoWhenClosing(app, headersTimeoutMs)
  for (const route of routes) addRoute(app, route, serveRoute(route, surroundings))
  return app
}

type RouteConfig = { path?: string; refused?: ServedRoute['refused'] }

const isAboutBody = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('FST_ERR_CTP_')

function addRoute(app: FastifyInstance, route: Route, served: ServedRoute): void {
  const { method, path, rawBodyMaxBytes, bodyMaxBytes = BODY_BYTES_MAX, bodyReaders = {} } = route
  const url = path.replaceAll(/\{(\w+)\}/g, ':$1')
  const options = {
    method,
    url,
    handler: served.handle,
    config: { path, refused: served.refused },
    ...(served.admit && { onRequest: served.admit }),
  }
  app.register(async (scope) => {
    if (rawBodyMaxBytes !== undefined) {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      scope.route({ ...options, bodyLimit: rawBodyMaxBytes })
      return
    }
    for (const [type, read] of Object.entries(bodyReaders)) addReader(scope, type, read)
    scope.route({
      ...options,
      bodyLimit: bodyMaxBytes,
      preParsing: (request, _reply, payload, done) => done(refuseEncoded(request), payload),
    })
  })
}

/** Text in another character set would be read as other text, so only UTF-8 is, named or not. */
function addReader(scope: FastifyInstance, type: string, read: BodyReader): void {
  const pattern = new RegExp(`^${type.replaceAll(/[/.+]/g, '\\$&')}\\s*(;\\s*charset="?utf-8"?\\s*)?$`, 'i')
  scope.addContentTypeParser(
    pattern,
    { parseAs: 'buffer' },
    readBody((bytes) => read(parseText(bytes))),
  )
}

/** A compressed body could unfold to any size; no client of ours needs it. */
function refuseEncoded(request: FastifyRequest): Problem | null {
  const encoding = request.headers['content-encoding']
  return encoding === undefined || encoding === 'identity' ? null : new Problem('content_type_unsupported')
}

type Done = (error: Error | null, value?: unknown) => void

const readBody =
  (parse: (bytes: Buffer) => unknown) =>
  (_request: FastifyRequest, body: Buffer, done: Done): void => {
    if (body.length === 0) {
      done(null, undefined)
      return
    }
    try {
      done(null, parse(body))
    } catch (error) {
      done(error as Error)
    }
  }

/** 405 with `Allow` where the path exists under other methods. */
function notFound(app: FastifyInstance, routes: readonly Route[], request: FastifyRequest): Problem {
  const path = request.url.split('?', 1)[0] ?? ''
  const methods = routes.filter((route) => pattern(route.path).test(path)).map((route) => route.method as string)
  if (methods.length === 0 && app.hasRoute({ method: 'GET', url: path })) methods.push('GET')
  if (methods.length === 0) return new Problem('not_found')
  if (methods.includes('GET')) methods.push('HEAD')
  return new Problem('method_not_allowed', { headers: { allow: [...new Set(methods)].sort().join(', ') } })
}

const pattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+')}$`)

/** One line and one observation for each request, at its end, however it ended. */
function observeRequests(app: FastifyInstance, routes: readonly Route[], metrics: Metrics, log: Logger): void {
  for (const route of routes) {
    for (const code of statusesOf(route)) {
      metrics.httpRequestDuration.declare({ route: route.path, method: route.method, code: String(code) })
    }
  }
  // Callbacks, not promises: every request pays for each of these hooks.
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id)
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = (request.routeOptions.config as RouteConfig).path ?? 'other'
    const labels = { route, method: route === 'other' ? 'other' : request.method, code: String(reply.statusCode) }
    const elapsedMs = reply.elapsedTime
    metrics.httpRequestDuration.declare(labels)
    metrics.httpRequestDuration.observe(labels, elapsedMs / 1_000)
    writeLine(log, request, reply.statusCode, route, elapsedMs)
    done()
  })
}

function writeLine(log: Logger, request: FastifyRequest, status: number, route: string, elapsedMs: number): void {
  const level = levelOf(status, route)
  if (!log.isLevelEnabled(level)) return
  log[level](
    {
      event: 'request.answered',
      requestId: request.id,
      method: request.method,
      route,
      status,
      code: request.failure?.problem.code,
      durationMs: Math.round(elapsedMs * 100) / 100,
      principalId: request.principal?.id,
      // Whole only where it is our fault; a caller's mistake needs no stack.
      ...(status >= 500 && request.failure ? { err: request.failure.error } : {}),
      ...(request.raw.complete ? {} : { outcome: 'aborted' }),
    },
    'request.answered',
  )
}

/** Probes come every few seconds and say nothing while all is well. */
const probes = new Set(['/livez', '/readyz'])

function levelOf(status: number, route: string): 'debug' | 'info' | 'warn' | 'error' {
  if (status >= 500) return status === 503 ? 'warn' : 'error'
  if (status >= 400) return 'warn'
  return probes.has(route) ? 'debug' : 'info'
}

function statusesOf(route: Route): Set<number> {
  const codes: ProblemCode[] = [...(route.problems ?? []), 'internal_error', 'temporarily_unavailable']
  if (!('public' in route.access)) codes.push('token_missing', 'scope_required')
  if (route.body ?? route.query ?? route.params) codes.push('payload_invalid')
  return new Set([...Object.keys(route.answers).map(Number), ...codes.map((code) => problems[code].status)])
}

/** Listens and answers the address as a URL. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  await app.listen({ host, port })
  const { address, family, port: actual } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Why the request was refused or failed, for its log line. */
    failure: { problem: Problem; error: unknown } | null
  }
}
