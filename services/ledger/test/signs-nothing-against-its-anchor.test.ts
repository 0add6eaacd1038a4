import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { query } from '@tributary/database'
import { startTestService, tokenFor } from '@tributary/testing'
import { expect, onTestFinished, test } from 'vitest'
import { configShape, ledger } from '../src/app.ts'
import { newSigningKey } from './keys.ts'
import { postTo, request } from './rig.ts'

test('a ledger whose anchor contradicts it, or cannot be written, signs nothing and says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-anchor-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const anchor = join(folder, 'anchor.jsonl')
  const service = await startTestService('ledger', ledger, {
    own: configShape.parse({ LEDGER_SIGNING_KEY: newSigningKey(), LEDGER_ANCHOR_FILE: anchor }),
  })
  const { db } = service.database
  const authorization = `Bearer ${await tokenFor(['ledger:verify'])}`
  const sign = async () => {
    const response = await service.fetch('/api/v1/checkpoints', { method: 'POST', headers: { authorization } })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const signed = async () => (await query<{ count: number }>(db, 'select count(*)::int from checkpoints'))[0]!.count
  await postTo(db, request('earn'))
  expect((await sign()).status).toBe(200)
  const count = await signed()
  const whole = readFileSync(anchor, 'utf8')

  const raised = whole.replaceAll(/"sequence":"(\d+)"/g, (_, sequence) => `"sequence":"${Number(sequence) + 5}"`)
  for (const [content, detail] of [
    [raised, /the anchor has checkpoint \d+, .*; the database has none/],
    ['{"type":"other"}\n{"type":"other"}\n', /is no anchor file/],
  ] as const) {
    writeFileSync(anchor, content)
    await postTo(db, request('earn'))
    const { status, body } = await sign()
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'anchor_unusable' })
    expect(body.detail).toMatch(detail)
    expect(await signed()).toBe(count)
  }

  writeFileSync(anchor, whole)
  expect((await sign()).status).toBe(200)
  expect(await signed()).toBeGreaterThan(count)
})
