import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ingest, newId, startIngest, webhook } from './sender.ts'

type Language = Readonly<{
  name: string
  fence: string
  file: string
  command: readonly string[]
  needs: readonly string[]
}>

const languages: readonly Language[] = [
  { name: 'Shell', fence: 'sh', file: 'send.sh', command: ['sh', '-eu'], needs: ['curl', 'openssl', 'od', 'awk'] },
  { name: 'Node', fence: 'js', file: 'send.mjs', command: [process.execPath], needs: [] },
  { name: 'Python', fence: 'python', file: 'send.py', command: ['python3'], needs: ['python3'] },
  { name: 'Ruby', fence: 'ruby', file: 'send.rb', command: ['ruby'], needs: ['ruby'] },
  { name: 'Go', fence: 'go', file: 'send.go', command: ['go', 'run'], needs: ['go'] },
  { name: 'PHP', fence: 'php', file: 'send.php', command: ['php'], needs: ['php'] },
]
const isHere = ({ needs }: Language) =>
  needs.every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0)
const here = languages.filter(isHere)
const named = (some: readonly Language[]) => some.map(({ name }) => name).join(', ') || 'none'
const away = named(languages.filter((language) => !here.includes(language)))

const page = readFileSync(join(import.meta.dirname, '../../../docs/senders.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'senders-'))
let ingest: Ingest
let front: Awaited<ReturnType<typeof startFront>>

beforeAll(async () => {
  for (const { fence, file } of languages) writeFileSync(join(folder, file), programOf(fence))
  ingest = await startIngest()
  front = await startFront(ingest.url)
})
afterAll(() => {
  front.stop()
  rmSync(folder, { recursive: true })
})

test(`runs the page's senders in ${named(here)}; not installed here: ${away}`, () => {
  expect(languages.map(({ fence }) => programOf(fence).length > 500)).toEqual(languages.map(() => true))
  expect(named(here)).toContain('Node')
})

// Go compiles first.
test.each(here)(
  '$name: accepted after a refusal that passes, known when sent again',
  { timeout: 120_000 },
  async (language) => {
    front.received.length = 0
    const [id, body] = [newId(), webhook()]
    front.refuseNext()
    const first = await send(language, id, body)
    expect(first.error).toBe('')
    expect(JSON.parse(first.output)).toMatchObject({ status: 'received', duplicate: false })
    expect(front.received).toMatchObject([
      { headers: { 'webhook-id': id }, body },
      { headers: { 'webhook-id': id }, body },
    ])
    const again = await send(language, id, body)
    expect(JSON.parse(again.output)).toEqual({ ...JSON.parse(first.output), duplicate: true })
  },
)

test.each(here)('$name: a wrong secret is told at once and not tried again', { timeout: 120_000 }, async (language) => {
  front.received.length = 0
  const refused = await send(language, newId(), webhook(), `whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  expect(refused.code).not.toBe(0)
  expect(refused.error).toContain('signature_mismatch')
  expect(front.received).toHaveLength(1)
})

/** The first block of a language on the page. */
function programOf(fence: string): string {
  return new RegExp(`^\`\`\`${fence}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''
}

function send({ command: [program, ...first], file }: Language, id: string, body: string, secret = ingest.secret) {
  const env = {
    ...{ PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8' },
    ...{ INGEST_URL: front.url, WEBHOOK_SECRET: secret, GOTOOLCHAIN: 'local' },
  }
  return new Promise<{ code: number | string; output: string; error: string }>((done) => {
    execFile(program!, [...first, join(folder, file), id, body], { env }, (failure, output, error) => {
      done({ code: failure === null ? 0 : (failure.code ?? 'ended'), output, error })
    })
  })
}

/** What stands before ingest and is overloaded when told to be. */
async function startFront(target: string) {
  const received: { headers: IncomingHttpHeaders; body: string }[] = []
  let refusals = 0
  const passOn = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    received.push({ headers: request.headers, body: body.toString() })
    if (refusals > 0) {
      refusals -= 1
      response.writeHead(503, { 'retry-after': '0', 'content-type': 'application/problem+json' })
      response.end('{"code":"temporarily_unavailable"}')
      return
    }
    const kept = ['content-type', 'webhook-id', 'webhook-timestamp', 'webhook-signature']
    const headers = Object.fromEntries(kept.map((name) => [name, String(request.headers[name])]))
    const answer = await fetch(`${target}${request.url}`, { method: 'POST', headers, body })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
    response.end(await answer.text())
  }
  const server = createServer((request, response) => void passOn(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuseNext: () => {
      refusals = 1
    },
    stop: () => server.close(),
  }
}
