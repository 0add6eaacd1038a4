import { query } from '@tributary/database'
import { toCursor } from '@tributary/service-kit'
import { startTestService, type TestService, tokenFor } from '@tributary/testing'
import { v7 } from 'uuid'
import { beforeAll, describe, expect, test } from 'vitest'
import { fraud } from '../src/app.ts'

type Page = { items: { id: string; status: string; subject: string }[]; nextCursor: string | null }

describe('GET /api/v1/screenings', () => {
  let service: TestService
  /** Oldest first: three rewards that passed, a held one, a cashout that passed. */
  const ids = Array.from({ length: 5 }, () => v7())
  const at = '2026-01-02T03:04:05.000Z'

  beforeAll(async () => {
    service = await startTestService('fraud', fraud)
    const kinds = ['reward', 'reward', 'reward', 'reward', 'cashout']
    const decisions = ['passed', 'passed', 'passed', 'held', 'passed']
    await query(
      service.database.db,
      `insert into screenings (id, subject, subject_id, revision, decision, at)
       select id, subject, gen_random_uuid(), 1, decision, ?::timestamptz
       from unnest(?::uuid[], ?::text[], ?::text[]) as given (id, subject, decision)`,
      [at, ids, kinds, decisions],
    )
  })

  async function get(path: string): Promise<{ status: number; body: Page & { code?: string } }> {
    const authorization = `Bearer ${await tokenFor(['screenings:read'])}`
    const response = await service.fetch(path, { headers: { authorization } })
    return { status: response.status, body: (await response.json()) as Page }
  }

  test('lists the newest first, page by page, each once', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query = cursor === null ? '' : `&cursor=${cursor}`
      const { status, body } = await get(`/api/v1/screenings?limit=2${query}`)
      expect(status).toBe(200)
      expect(body.items.length).toBeLessThanOrEqual(2)
      seen.push(...body.items.map((item) => item.id))
      cursor = body.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(ids.toReversed())
  })

  test('filters by status and by subject', async () => {
    const held = await get('/api/v1/screenings?status=held')
    expect(held.body.items.map((item) => item.id)).toEqual([ids[3]])
    const cashouts = await get('/api/v1/screenings?subject=cashout&status=passed')
    expect(cashouts.body.items.map((item) => item.id)).toEqual([ids[4]])
  })

  test('shows one of them, and 404 for one there is not', async () => {
    const one = await get(`/api/v1/screenings/${ids[3]}`)
    expect(one.body).toMatchObject({ id: ids[3], subject: 'reward', revision: 1, status: 'held', at })
    const none = await get(`/api/v1/screenings/${v7()}`)
    expect([none.status, none.body.code]).toEqual([404, 'not_found'])
  })

  test('refuses what is no filter, and who has no right to look', async () => {
    expect((await get('/api/v1/screenings?status=guilty')).body.code).toBe('payload_invalid')
    const forged = toCursor(['not-an-id'], { list: 'screenings' })
    expect((await get(`/api/v1/screenings?cursor=${forged}`)).body.code).toBe('payload_invalid')
    expect((await service.fetch('/api/v1/screenings')).status).toBe(401)
    const authorization = `Bearer ${await tokenFor(['rewards:read'])}`
    const other = await service.fetch('/api/v1/screenings', { headers: { authorization } })
    expect(other.status).toBe(403)
  })
})
