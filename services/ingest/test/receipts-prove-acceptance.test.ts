import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defer } from '@tributary/testing'
import { expect, it } from 'vitest'
import type { Receipt } from '../src/proof/receipt.ts'
import { get, type Ingest, newId, send, startIngest, webhook } from './sender.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const body = webhook()

/** A folder with everything that a sender has: the receipt, the body, the public key. */
async function senderHas(ingest: Ingest): Promise<{ folder: string; receipt: Receipt }> {
  const folder = mkdtempSync(join(tmpdir(), 'receipt-'))
  defer(() => rmSync(folder, { recursive: true }))
  const { eventId } = (await send(ingest, { id: newId(), body })).body
  const { body: receipt } = await get<Receipt>(ingest, `/api/v1/webhooks/events/${eventId}/receipt`)
  const keys = (await (await ingest.fetch('/api/v1/webhooks/receipt-keys')).json()) as {
    items: { publicKey: string }[]
  }
  writeFileSync(join(folder, 'receipt.json'), JSON.stringify(receipt))
  writeFileSync(join(folder, 'body.json'), body)
  writeFileSync(join(folder, 'ingest-public-keys.pem'), keys.items.map((key) => key.publicKey).join(''))
  return { folder, receipt }
}

/** The commands that the page shows. */
function byHand(folder: string): string {
  const page = readFileSync(join(root, 'docs/receipts.md'), 'utf8')
  const script = /```sh verify-receipt\n([^`]+)```/.exec(page)![1]!
  return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
}

function byCommand(folder: string, ...more: string[]) {
  const options = ['--receipt', join(folder, 'receipt.json'), '--key', join(folder, 'ingest-public-keys.pem'), ...more]
  return spawnSync(process.execPath, ['tools/cli/src/main.ts', 'verify', ...options], { cwd: root, encoding: 'utf8' })
}

it('a receipt states what was accepted, the same whenever it is asked for', async () => {
  const ingest = await startIngest()
  const { receipt } = await senderHas(ingest)
  const { body: event } = await get(ingest, `/api/v1/webhooks/events/${receipt.eventId}`)
  expect(receipt).toMatchObject({
    webhookId: event.webhookId,
    type: 'subscription.paid',
    source: 'default',
    receivedAt: event.receivedAt,
    bodySha256: createHash('sha256').update(body).digest('hex'),
  })
  const again = await get(ingest, `/api/v1/webhooks/events/${receipt.eventId}/receipt`)
  expect(again.body).toEqual(receipt)
  const nobody = await get(ingest, '/api/v1/webhooks/events/01900000-0000-7000-8000-000000000000/receipt')
  expect([nobody.status, nobody.body.code]).toEqual([404, 'not_found'])
})

const isMissing = ['bash', 'jq', 'openssl'].some((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)

it.skipIf(isMissing)('a receipt is verified by the documented commands, and nothing else passes for one', async () => {
  const { folder, receipt } = await senderHas(await startIngest())
  expect(byHand(folder)).toBe('Signature Verified Successfully\n')
  const right = byCommand(folder, '--body', join(folder, 'body.json'))
  expect({ code: right.status, out: right.stdout, err: right.stderr }).toMatchObject({
    code: 0,
    out: expect.stringContaining(`was accepted as webhook ${receipt.webhookId} at ${receipt.receivedAt}`),
  })

  writeFileSync(join(folder, 'body.json'), `${body} `)
  expect(byHand(folder)).toContain('ANOTHER BODY')
  expect(byCommand(folder, '--body', join(folder, 'body.json'))).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('it is for another body'),
  })

  const statement = receipt.statement.replace(/received-at: 2/, 'received-at: 1')
  writeFileSync(join(folder, 'receipt.json'), JSON.stringify({ ...receipt, statement }))
  expect(byHand(folder)).not.toContain('Verified Successfully')
  expect(byCommand(folder)).toMatchObject({ status: 1, stdout: expect.stringContaining('PROVES NOTHING') })
  writeFileSync(join(folder, 'receipt.json'), 'no JSON')
  expect(byCommand(folder)).toMatchObject({ status: 1, stdout: expect.stringContaining('it is no receipt') })
})
