import { openDatabase, query } from '@tributary/database'
import { describe, expect, inject, it } from 'vitest'
import { cutLine, serviceProcess, testBroker, testDatabase, testEnvironment } from '../src/index.ts'

async function overALine() {
  const line = await cutLine(inject('servers').postgresUrl)
  const db = openDatabase({ url: line.url, applicationName: 'tests', poolMax: 1, statementTimeoutMs: 60_000 })
  const ask = () => query(db, 'select 1 as one')
  return { line, ask, end: () => db.destroy() }
}

describe('a line', () => {
  it('carries, breaks when cut, refuses while cut, and carries again once mended', async () => {
    const { line, ask, end } = await overALine()
    await ask()
    expect(line.connections()).toBe(1)
    const asking = query(
      await Promise.resolve(openDatabase({ url: line.url, applicationName: 'tests', poolMax: 1 })),
      'select pg_sleep(30)',
    )
    await expect.poll(() => line.connections()).toBe(2)
    line.cut()
    await expect(asking).rejects.toThrow(/Connection terminated|ECONNRESET/)
    await expect(ask()).rejects.toThrow()
    line.mend()
    await expect(ask()).resolves.toEqual([{ one: 1 }])
    await end()
  })

  it('carries nothing while frozen, and then what it held back', async () => {
    const { line, ask, end } = await overALine()
    await ask()
    line.freeze()
    let answered = false
    const asking = ask().then(() => {
      answered = true
    })
    // Asking past the line proves that time enough has passed for an answer.
    const direct = openDatabase({ url: inject('servers').postgresUrl, applicationName: 'tests', poolMax: 1 })
    await query(direct, 'select pg_sleep(0.2)')
    await direct.destroy()
    expect(answered).toBe(false)
    line.mend()
    await asking
    await end()
  })

  it('takes its time when it is slow', async () => {
    const { line, ask, end } = await overALine()
    await ask()
    line.delay(150)
    const begun = performance.now()
    await ask()
    expect(performance.now() - begun).toBeGreaterThan(295)
    await end()
  })
})

describe('a service as a process', () => {
  it('comes up ready, is killed, and comes up at the same place', async () => {
    const [database, broker] = await Promise.all([testDatabase('fraud'), testBroker()])
    const process = await serviceProcess('fraud', await testEnvironment(database.url, broker.urls.fraud))
    await process.start()
    const alive = () => fetch(`${process.url}/livez`).then((response) => response.status)
    expect(await alive()).toBe(200)
    await process.kill()
    await expect(alive()).rejects.toThrow()
    await process.start()
    expect(await alive()).toBe(200)
    expect(await process.stop()).toBe(0)
  })
})
