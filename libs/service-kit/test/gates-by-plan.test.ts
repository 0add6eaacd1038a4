import { configChanged, type EventData, type Plan } from '@tributary/contracts'
import { inTransaction, query } from '@tributary/database'
import { tellPlan, tokenFor } from '@tributary/testing'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { answer, findPlan, onConfigChanged, openApi, prefersCsv, requireFeatures, route } from '../src/index.ts'
import { startToy } from './toy.ts'

const gated = [
  route({
    method: 'GET',
    path: '/api/v1/funnel',
    summary: 'For Growth, and as CSV for Pro',
    access: { scope: 'users:read' },
    needs: 'reports.funnel',
    csvNeeds: 'reports.export',
    answers: { 200: z.object({}) },
    csv: 'Lines.',
    handle: (_input, _context) =>
      prefersCsv(_input.request) ? { status: 200, filename: 'a.csv', lines: [['a']] } : answer(200, {}),
  }),
  route({
    method: 'POST',
    path: '/api/v1/things',
    summary: 'For whom the body asks for nothing more than the plan has',
    access: { scope: 'users:write' },
    body: z.object({ isCanary: z.boolean() }),
    answers: { 201: z.object({}) },
    problems: ['plan_required'],
    async handle({ body }, { db }) {
      await requireFeatures(db, body.isCanary ? ['rules.canary'] : [])
      return answer(201, {})
    },
  }),
]

it.each<[Plan | null, number, number, number]>([
  [null, 403, 403, 403],
  ['free', 403, 403, 403],
  ['growth', 200, 403, 403],
  ['pro', 200, 200, 403],
  ['enterprise', 200, 200, 201],
])('on the plan %s, what larger plans have is refused', async (plan, asJson, asCsv, canary) => {
  const toy = await startToy({ routes: gated }, { plan })
  const authorization = `Bearer ${await tokenFor(['users:read', 'users:write'])}`
  const things = (isCanary: boolean) =>
    toy.fetch('/api/v1/things', {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ isCanary }),
    })
  const json = await toy.fetch('/api/v1/funnel', { headers: { authorization } })
  const csv = await toy.fetch('/api/v1/funnel', { headers: { authorization, accept: 'text/csv' } })
  expect([json.status, csv.status, (await things(true)).status]).toEqual([asJson, asCsv, canary])
  expect((await things(false)).status).toBe(201)
  if (asJson === 403) {
    const body = (await json.json()) as { code: string; detail: string }
    expect(body.code).toBe('plan_required')
    expect(body.detail).toMatch(/the funnel: needs the plan growth .* (free|no plan)/)
  }
})

it('a larger plan counts at once, and so does a smaller one', async () => {
  const toy = await startToy({ routes: gated }, { plan: 'free' })
  const headers = { authorization: `Bearer ${await tokenFor(['users:read'])}` }
  const status = async () => (await toy.fetch('/api/v1/funnel', { headers })).status
  expect(await status()).toBe(403)
  await tellPlan(toy.database, 'growth', 2)
  expect(await status()).toBe(200)
  await tellPlan(toy.database, 'free', 3)
  expect(await status()).toBe(403)
})

it('the description says from which plan on', () => {
  expect(JSON.stringify(openApi('payouts', gated))).toContain(
    'From the plan `growth` on. As CSV from the plan `pro` on.',
  )
})

it('of all configurations that are told the newest stays, in whatever order and batches they come', async () => {
  const toy = await startToy({}, { plan: null })
  const context = { now: new Date(), newId: () => v7() }
  const tell = (batch: readonly number[]) =>
    inTransaction(toy.db, (tx) => onConfigChanged.handle(tx, batch.map(told), () => {}, context))
  const versions = fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 })
  await fc.assert(
    fc.asyncProperty(versions, fc.nat({ max: 6 }), async (all, cut) => {
      await query(toy.database.db, 'delete from heard_configs')
      for (const batch of [all.slice(0, cut), all.slice(cut)]) if (batch.length > 0) await tell(batch)
      expect(await findPlan(toy.db)).toBe(planOf(Math.max(...all)))
    }),
    { numRuns: 40 },
  )
  expect((await tell([1])).map(({ kind }) => kind)).toEqual(['ignored'])
})

const planOf = (version: number): Plan => (['free', 'growth', 'pro'] as const)[version % 3]!

function told(version: number) {
  const data: EventData<typeof configChanged> = {
    version,
    plan: planOf(version),
    eventsPerMonth: 10,
    changedAt: '2026-01-15T10:00:00Z',
  }
  const id = v7()
  const ids = { messageId: id, subject: id, correlationId: id, causationId: id }
  return { ...ids, type: configChanged.type, source: 'ingest', time: data.changedAt, traceparent: null, data }
}
