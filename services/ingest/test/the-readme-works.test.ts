import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startIngest } from './sender.ts'

const tools = ['sh', 'openssl', 'curl', 'od']
const isMissing = tools.some((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)

it.skipIf(isMissing)('the example in the README sends a webhook that is accepted', async () => {
  const ingest = await startIngest()
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const example = readme.match(/(?:^ {4}.*\n)+/m)?.[0]
  const { stdout } = await promisify(execFile)('sh', ['-euc', example ?? ''], {
    env: { PATH: process.env.PATH, WEBHOOK_SECRET: ingest.secret, INGEST_URL: ingest.url },
  })
  expect(JSON.parse(stdout)).toMatchObject({ status: 'received', duplicate: false })
})
