import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listMigrations, migrate, openDatabase } from '@tributary/database'
import { cutLine, defer, type TestService, testBroker, testDatabase, until } from '@tributary/testing'
import { expect, test } from 'vitest'
import { migrationFolders } from '../src/index.ts'
import { newGate, startToy, toyRoutes } from './toy.ts'

async function ready(toy: TestService): Promise<[number, unknown]> {
  const response = await toy.fetch('/readyz')
  return [response.status, await response.json()]
}

test('with database, migrations and broker there, it is ready', async () => {
  const toy = await startToy()
  await until('the broker', async () => toy.brokerState() === 'up')
  expect(await ready(toy)).toEqual([200, { ready: true, reasons: [], broker: 'up' }])
  expect((await toy.fetch('/livez')).status).toBe(200)
})

test('without its broker it is ready, says so, and serves', async () => {
  const toy = await startToy({}, { amqpUrl: 'amqp://nobody:nothing@127.0.0.1:9' })
  expect(await ready(toy)).toMatchObject([200, { ready: true, broker: expect.not.stringMatching(/^up$/) }])
  expect((await toy.fetch('/api/v1/stored')).status).toBe(200)
})

test('without its database it is alive but not ready, refuses with 503, and mends by itself', async () => {
  const database = await testDatabase('payouts')
  const line = await cutLine(database.url)
  line.cut()
  const toy = await startToy({}, { database, databaseUrl: line.url })
  expect(await ready(toy)).toMatchObject([503, { ready: false, reasons: ['database unreachable'] }])
  expect((await toy.fetch('/livez')).status).toBe(200)
  const refused = await toy.fetch('/api/v1/stored')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(await refused.json()).toMatchObject({ code: 'temporarily_unavailable' })
  line.mend()
  expect(await ready(toy)).toMatchObject([200, { ready: true }])
  expect((await toy.fetch('/api/v1/stored')).status).toBe(200)
  line.cut()
  expect((await ready(toy))[0]).toBe(503)
})

test('a migration that was not applied is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'toy-migrations-'))
  defer(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'toys_0001_more_toys.sql'), 'create table more_toys (id int);')
  const database = await testDatabase('payouts')
  const toy = await startToy({}, { database, migrationFolders: [...migrationFolders('payouts'), folder] })
  expect(await ready(toy)).toMatchObject([503, { reasons: ['migrations missing: toys_0001_more_toys'] }])
  const owner = openDatabase({ url: database.ownerUrl, applicationName: 'tests' })
  defer(() => owner.destroy())
  await migrate(owner, await listMigrations([...migrationFolders('payouts'), folder]), 'nobody')
  expect(await ready(toy)).toMatchObject([200, { ready: true }])
})

test('it describes itself, and shows the description without anything from elsewhere', async () => {
  const toy = await startToy()
  const description = (await (await toy.fetch('/openapi.json')).json()) as { openapi: string; paths: object }
  expect(description.openapi).toBe('3.1.0')
  expect(Object.keys(description.paths)).toEqual(
    expect.arrayContaining(['/api/v1/toys/{id}', '/api/v1/dead-letters/{id}/replay']),
  )
  const page = await toy.fetch('/docs')
  const text = await page.text()
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(text).not.toMatch(/https?:\/\//)
  for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const file = await toy.fetch(path!)
    expect([path, file.status]).toEqual([path, 200])
    await file.text()
  }
})

test('metrics are on a listener of their own', async () => {
  const toy = await startToy()
  await toy.fetch('/api/v1/broken')
  const text = await (await fetch(toy.metricsUrl)).text()
  expect(text).toContain(
    'tributary_http_request_duration_seconds_count{route="/api/v1/broken",method="GET",code="500"} 1',
  )
  expect(text).toContain(
    'tributary_http_request_duration_seconds_count{route="/api/v1/toys",method="POST",code="201"} 0',
  )
  expect((await toy.fetch('/metrics')).status).toBe(404)
  expect((await fetch(new URL('/livez', toy.metricsUrl))).status).toBe(404)
})

test('a stop lets the request in hand finish, and takes no other', async () => {
  const gate = newGate()
  const toy = await startToy({ routes: toyRoutes(gate) })
  const slow = toy.fetch('/api/v1/slow')
  await gate.entered.promise
  const stopped = toy.stop()
  await until('new connections to be refused', async () => {
    const probe = await fetch(`${toy.url}/livez`).then(
      (response) => response.status,
      () => 0,
    )
    return probe === 0 || probe === 503
  })
  gate.open.resolve()
  expect(await (await slow).json()).toEqual({ done: true })
  expect(await stopped).toEqual([])
  expect(await toy.stop()).toEqual([])
})

test('a service that cannot listen undoes what it had started', async () => {
  const [database, broker] = await Promise.all([testDatabase('payouts'), testBroker()])
  const first = await startToy({}, { database, broker })
  const port = Number(new URL(first.url).port)
  await expect(startToy({}, { database, broker, config: { HTTP_PORT: port } })).rejects.toThrow(/EADDRINUSE/)
  expect((await first.fetch('/livez')).status).toBe(200)
})
