import { amountField } from '@tributary/contracts'
import { query } from '@tributary/database'
import { startTestService, type TestService, type TestServiceOptions } from '@tributary/testing'
import { z } from 'zod'
import { answer, Problem, type Route, route, type Service } from '../src/index.ts'

const toy = z.object({ amount: amountField, data: z.object({ note: z.string() }).optional() })

/** What the slow route waits for. */
export type Gate = { entered: PromiseWithResolvers<void>; open: PromiseWithResolvers<void> }
export const newGate = (): Gate => ({ entered: Promise.withResolvers(), open: Promise.withResolvers() })

/** One route for each way a route can be. */
export function toyRoutes(gate = newGate()): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/toys',
      summary: 'Take a toy',
      access: { scope: 'users:write' },
      body: toy,
      answers: { 201: toy },
      handle: ({ body }) => answer(201, { ...body, secret: 'not in the shape' }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/toy-boxes',
      summary: 'Take many toys, as JSON or one on each line',
      access: { scope: 'users:write' },
      bodyMaxBytes: 128 * 1024,
      bodyReaders: { 'text/csv': readToys },
      body: z.object({ notes: z.array(z.string()) }),
      answers: { 200: z.object({ toys: z.int() }) },
      handle: ({ body }) => answer(200, { toys: body.notes.length }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/toys/{id}',
      summary: 'Show a toy',
      access: { scope: 'users:read' },
      params: z.object({ id: z.uuid() }),
      query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
      answers: { 200: z.object({ id: z.uuid(), limit: z.int(), who: z.string() }) },
      handle: ({ params, query: { limit } }, { principal }) => answer(200, { ...params, limit, who: principal!.id }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/toys/{id}/approve',
      summary: 'Approve a toy',
      access: { scope: 'users:write', personOnly: true },
      params: z.object({ id: z.string() }),
      answers: { 204: z.null() },
      handle: () => answer(204, null),
    }),
    route({
      method: 'POST',
      path: '/api/v1/raw',
      summary: 'Count bytes',
      access: { public: 'a toy' },
      rawBodyMaxBytes: 1_024,
      answers: { 200: z.object({ bytes: z.int() }) },
      handle: ({ body }) => answer(200, { bytes: (body as unknown as Buffer).length }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/slow',
      summary: 'Answer when the gate opens',
      access: { public: 'a toy' },
      answers: { 200: z.object({ done: z.literal(true) }) },
      async handle() {
        gate.entered.resolve()
        await gate.open.promise
        return answer(200, { done: true })
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/broken',
      summary: 'Fail',
      access: { public: 'a toy' },
      answers: { 200: z.object({}) },
      handle() {
        throw new Error('the password is hunter2')
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/undeclared',
      summary: 'Answer what was not declared',
      access: { public: 'a toy' },
      answers: { 200: z.object({}) },
      handle: () => answer(202, {}),
    }),
    route({
      method: 'GET',
      path: '/api/v1/stored',
      summary: 'Ask the database',
      access: { public: 'a toy' },
      answers: { 200: z.object({}) },
      async handle(_input, { db }) {
        await query(db, 'select 1')
        return answer(200, {})
      },
    }),
  ]
}

function readToys(text: string): unknown {
  if (text.startsWith('#'))
    throw new Problem('payload_invalid', { errors: [{ path: '/line/1', message: 'no comments' }] })
  return { notes: text.trim().split('\n') }
}

/** Counts how often its command ran, in the database. `ending` says what else happens in its transaction. */
export const commandRoute = route({
  method: 'POST',
  path: '/api/v1/commands',
  summary: 'Run once',
  access: { scope: 'users:write' },
  idempotencyKey: 'required',
  body: z.object({ name: z.string(), ending: z.enum(['refuse', 'fail']).optional(), takesMs: z.int().default(0) }),
  answers: { 201: z.object({ ran: z.int(), amount: amountField }) },
  handle: ({ body }, { transaction }) =>
    transaction(async (tx) => {
      await query(tx, 'insert into toy_runs (name) values (?)', [body.name])
      await query(tx, 'select pg_sleep(?::float8 / 1000)', [body.takesMs])
      if (body.ending === 'refuse') throw new Problem('code_taken')
      if (body.ending === 'fail') throw new Error('failed after the write')
      const [row] = await query<{ ran: bigint }>(tx, 'select count(*) as ran from toy_runs where name = ?', [body.name])
      return answer(201, { ran: Number(row!.ran), amount: 5n }, { location: '/api/v1/commands/1' })
    }),
})

export const toyService = (changes: Partial<Service> = {}): Service => ({
  name: 'payouts',
  routes: [
    ...toyRoutes(),
    commandRoute,
    { ...commandRoute, path: '/api/v1/lenient-commands', idempotencyKey: 'optional' },
  ],
  consumes: [],
  publishes: [],
  jobs: [],
  ...changes,
})

/** The toy service on a real database and broker. */
export async function startToy(
  changes: Partial<Service> = {},
  options: TestServiceOptions<object> = {},
): Promise<TestService> {
  const toyInstance = await startTestService('payouts', () => toyService(changes), options)
  await query(toyInstance.database.db, 'create table if not exists toy_runs (name text not null)')
  await query(toyInstance.database.db, 'grant select, insert on toy_runs to public')
  return toyInstance
}
