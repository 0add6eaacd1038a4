import { type Database, openDatabase } from '@tributary/database'
import { serviceProcess, testBroker, testDatabase, testEnvironment, tokenFor, until } from '@tributary/testing'
import { v7 } from 'uuid'
import { expect, onTestFinished, test } from 'vitest'
import { newSigningKey } from './keys.ts'
import { balanceOf, type Cashout, newCashout, outstanding, tell, unmatched } from './settling.ts'

const FILES = 20
const LINES = 4
const ROUNDS = 3

/** Sends until it is answered, as a provider's upload would: the same file under the same key. */
async function handIn(urls: readonly string[], key: string, body: unknown): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const answered = await fetch(`${urls[attempt % urls.length]}/api/v1/settlements`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await tokenFor(['settlements:write'])}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
    }).then(
      ({ status }) => status,
      () => 0,
    )
    if (answered === 200) return
    if (answered !== 0 && answered !== 503) throw new Error(`answered ${answered}`)
  }
}

async function pay(db: Database, cashouts: readonly Cashout[]): Promise<void> {
  for (const cashout of cashouts) {
    await tell(db, cashout, 'requested')
    await tell(db, cashout, 'paid')
  }
}

test('of two processes one is killed again and again: no line is lost, none is posted twice', {
  timeout: 120_000,
}, async () => {
  const [database, broker] = await Promise.all([testDatabase('ledger'), testBroker()])
  const environment = {
    ...(await testEnvironment(database.url, broker.urls.ledger)),
    LEDGER_SIGNING_KEY: newSigningKey(),
  }
  const [steady, killed] = await Promise.all([
    serviceProcess('ledger', environment),
    serviceProcess('ledger', environment),
  ])
  await Promise.all([steady.start(), killed.start()])
  const db = openDatabase({ url: database.url, applicationName: 'test', poolMax: 2 })
  onTestFinished(() => db.destroy())
  const cashouts = Array.from({ length: FILES * LINES }, () => newCashout())
  const files = Array.from({ length: FILES }, (_, file) =>
    cashouts.slice(file * LINES, (file + 1) * LINES).map(({ cashoutId: reference }, index) => {
      const lineId = `${file}/${index}`
      return {
        lineId,
        type: 'payout',
        reference,
        amount: 100,
        currency: 'USD',
        fee: 1,
        settledAt: '2026-01-01T00:00:00Z',
      }
    }),
  )

  for (let round = 0; round < ROUNDS; round++) {
    // All files again in each round, while some of what they settle is paid: lines come before, with and after it.
    const handedIn = files.map((lines) => handIn([killed.url, steady.url], v7(), { provider: 'stripe', lines }))
    const paid = pay(
      db,
      cashouts.filter((_, index) => index % ROUNDS === round),
    )
    // In the middle of it: some files are answered, most are not.
    await Promise.race(handedIn)
    await killed.kill()
    await Promise.all([...handedIn, paid])
    await killed.start()
  }
  await until('all lines to be matched', async () => (await unmatched(db)).length === 0, { timeoutMs: 40_000 })

  expect(await outstanding(db)).toEqual([])
  expect(await balanceOf(db, 'provider:clearing', 'stripe')).toBe(0n)
  expect(await balanceOf(db, 'program:cash')).toBe(-101n * BigInt(cashouts.length))
  expect(await balanceOf(db, 'program:fees')).toBe(BigInt(cashouts.length))
})
