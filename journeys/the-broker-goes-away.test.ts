import { type CutLine, cutLine, until } from '@tributary/testing'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { type Referrer, registered, setUpProgramme, tenForARegistration } from './programme.ts'
import { type Stack, startStack } from './stack.ts'

let stack: Stack
let bob: Referrer
const lines: CutLine[] = []

beforeAll(async () => {
  stack = await startStack({
    through: async (_service, { databaseUrl, amqpUrl }) => {
      const line = await cutLine(amqpUrl)
      lines.push(line)
      return { databaseUrl, amqpUrl: line.url }
    },
  })
  bob = await setUpProgramme(stack, [{ ...tenForARegistration, holdingDays: 14 }])
  await stack.settled()
})

const readiness = async () => {
  const response = await fetch(`${stack.urls.ingest}/readyz`)
  return { status: response.status, body: (await response.json()) as { broker: string } }
}

it('while the broker is away webhooks are taken as always, and everything arrives once it is back', async () => {
  for (const line of lines) line.cut()
  await until('ingest to notice', async () => (await readiness()).body.broker !== 'up')
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, number) => stack.send(registered(`ann-${number}`, bob.code))),
  )
  expect(answers.map((one) => one.status)).toEqual(answers.map(() => 202))
  expect((await readiness()).status).toBe(200)
  expect(await balanceOf(stack, bob.userId)).toEqual({})

  for (const line of lines) line.mend()
  await stack.settled({ timeoutMs: 40_000 })
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: 20_000, totalEarned: 20_000 })
  await expectBooksToBalance(stack)
})

it('a broker that breaks connections again and again costs nothing and doubles nothing', async () => {
  const before = (await balanceOf(stack, bob.userId)).pending ?? 0
  for (let number = 0; number < 30; number++) {
    const { status } = await stack.send(registered(`eve-${number}`, bob.code))
    expect(status).toBe(202)
    if (number % 5 !== 0) continue
    const line = lines[(number / 5) % lines.length]
    line?.cut()
    line?.mend()
  }
  await stack.settled({ timeoutMs: 40_000 })
  expect(await balanceOf(stack, bob.userId)).toEqual({ pending: before + 30_000, totalEarned: before + 30_000 })
  await expectBooksToBalance(stack)
})
