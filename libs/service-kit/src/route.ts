import type { Feature, ProblemCode, Scope } from '@tributary/contracts'
import type { Database, Transaction } from '@tributary/database'
import type { Publish } from '@tributary/messaging'
import type { Logger } from '@tributary/observability'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { CsvAnswer } from './csv.ts'
import type { Problem } from './problem.ts'
import type { StreamAnswer } from './stream.ts'

/** Who is asking. A client is a program; a person signed in. */
export type Principal = Readonly<{ kind: 'client' | 'person'; id: string; scopes: ReadonlySet<string> }>

/** Runs in one transaction whose commit also writes what was published. */
export type InTransaction = <T>(run: (tx: Transaction, publish: Publish) => Promise<T>) => Promise<T>

/** What a handler may touch besides the request. */
export type RequestContext = Readonly<{
  db: Database
  /** For a command with an `Idempotency-Key` this is the transaction that also keeps the key and the answer. */
  transaction: InTransaction
  now: () => Date
  newId: () => string
  log: Logger
  /** Tells the relay to look into this stream now, or into all; `transaction` does so for the outbox when something was published. */
  wake: (stream?: string) => void
  /** Null only on routes whose `access` is public. */
  principal: Principal | null
}>

export type Answer = Readonly<{ status: number; body: unknown; headers?: Readonly<Record<string, string>> }>

/** Who may call a route. `public` carries the reason why no token is asked for. */
export type Access = Readonly<{ scope: Scope; personOnly?: boolean }> | Readonly<{ public: string }>

/** Reads UTF-8 text into the plain value that it would be as JSON; `body` then checks that. Throws a `Problem` for what it cannot read. */
export type BodyReader = (text: string) => unknown

export type Examples = Readonly<{
  body?: Readonly<Record<string, unknown>>
  answers?: Readonly<Record<number, Readonly<Record<string, unknown>>>>
}>

type Shape = z.ZodType
type Output<S extends Shape | undefined> = S extends Shape ? z.output<S> : undefined

export type RouteInput<Body, Params, Query> = Readonly<{
  body: Body
  params: Params
  query: Query
  /** For what the shapes do not cover: raw headers, remote address. */
  request: FastifyRequest
}>

export type RouteDefinition<
  Body extends Shape | undefined,
  Params extends Shape | undefined,
  Query extends Shape | undefined,
> = Readonly<{
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** OpenAPI style: `/api/v1/users/{id}`. */
  path: string
  summary: string
  access: Access
  body?: Body
  params?: Params
  query?: Query
  /** Shapes of the good answers, by status. Answers are encoded with them: bigint amounts leave as numbers. */
  answers: Readonly<Record<number, Shape>>
  /** What `Accept: text/csv` brings instead, for the documentation; the handler asks `prefersCsv` and answers lines. */
  csv?: string
  /** The content type of the good answer where it is no JSON but a stream; the handler answers chunks. */
  streams?: string
  /** What the plan in force has to have. What only some inputs need, the handler asks with `requireFeatures`. */
  needs?: Feature
  /** What the plan has to have besides for the CSV. */
  csvNeeds?: Feature
  /** Problem codes this route can answer besides those every route can. For the documentation. */
  problems?: readonly ProblemCode[]
  /**
   * Whether an `Idempotency-Key` must come with the command, or may. Same key and body, same answer; another body, 409.
   * Required where a repetition would move money again.
   */
  idempotencyKey?: 'required' | 'optional'
  /** Largest body, where the 64 KiB of every route are too few. */
  bodyMaxBytes?: number
  /** What the body may come as besides JSON, by content type, such as `text/csv`. */
  bodyReaders?: Readonly<Record<string, BodyReader>>
  /** The body arrives as the bytes that were sent (a Buffer), whatever the content type, at most this many. */
  rawBodyMaxBytes?: number
  /** Told of a request whose body was refused before `handle` could see it, since it was too large or broke off. */
  refused?(problem: Problem, request: FastifyRequest, context: RequestContext): void
  /** What a raw body comes as, for the documentation; `application/json` without it. A `body` then only describes it. */
  rawBodyType?: string
  /** Headers that a request must carry, each with what it is. For the documentation. */
  headers?: Readonly<Record<string, string>>
  /** Bodies and answers by what they show, as they travel. For the documentation; a test holds them against the shapes. */
  examples?: Examples
  handle(
    input: RouteInput<Output<Body>, Output<Params>, Output<Query>>,
    context: RequestContext,
  ): Promise<Answer | CsvAnswer | StreamAnswer> | Answer | CsvAnswer | StreamAnswer
}>

/** A route with its types put away, as the kit serves it. */
export type Route = RouteDefinition<Shape | undefined, Shape | undefined, Shape | undefined>

/** Declares one operation. `body`, `params` and `query` are checked before `handle` runs; unknown fields are refused. */
export function route<
  Body extends Shape | undefined = undefined,
  Params extends Shape | undefined = undefined,
  Query extends Shape | undefined = undefined,
>(definition: RouteDefinition<Body, Params, Query>): Route {
  return definition as unknown as Route
}

export function answer(status: number, body: unknown, headers?: Record<string, string>): Answer {
  return headers ? { status, body, headers } : { status, body }
}
