import { randomUUID } from 'node:crypto'
import type { ServiceName } from '@tributary/contracts'
import { query } from '@tributary/database'
import { until } from '@tributary/testing'
import { beforeAll, expect, it } from 'vitest'
import { balanceOf, expectBooksToBalance } from './books.ts'
import { aFifthOfEachPayment, newReferrer, paid, registered, setUpProgramme } from './programme.ts'
import { startProcesses } from './stack.ts'

type Running = Awaited<ReturnType<typeof startProcesses>>

let stack: Running
beforeAll(async () => {
  stack = await startProcesses()
  await setUpProgramme(stack, [aFifthOfEachPayment])
})

/** Sends as a right sender does: the same webhook again until it is taken. */
async function sendUntilTaken(webhook: ReturnType<typeof paid> | ReturnType<typeof registered>): Promise<void> {
  const delivery = { id: `msg_${randomUUID()}`, timestamp: new Date().toISOString(), ...webhook }
  await until('ingest to take it', async () => {
    const answer = await stack.send(delivery).catch(() => undefined)
    return answer?.status === 202
  })
}

/** Payments of new customers, one after the other in `lanes` lanes, until told to stop; answers how many were taken. */
function keepPaying(name: string, code: string, lanes: number) {
  let stopped = false
  let taken = 0
  const lane = async (number: number) => {
    for (let round = 0; !stopped; round++) {
      const customer = `${name}-${number}-${round}`
      await sendUntilTaken(registered(customer, code))
      await sendUntilTaken(paid(customer, `invoice-of-${customer}`, 1_000))
      taken++
    }
  }
  const running = Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
  return {
    taken: () => taken,
    async stop() {
      stopped = true
      await running
      return taken
    },
  }
}

/** Those that money passes one by one, the others together. */
const turns: readonly Readonly<{ killed: readonly ServiceName[] }>[] = [
  { killed: ['ingest'] },
  { killed: ['rewards'] },
  { killed: ['ledger'] },
  { killed: ['fraud'] },
  { killed: ['payouts', 'admin'] },
]

it.each(turns)(
  '$killed killed in the middle of the work, again and again: every effect happens once',
  async ({ killed }) => {
    const name = killed.join('-and-')
    const referrer = await newReferrer(stack.client, `ref-${name}`)
    const load = keepPaying(name, referrer.code, 4)
    for (const service of [...killed, ...killed]) {
      const before = load.taken()
      await until('some more payments', () => load.taken() >= before + 5)
      await stack.processes[service].kill()
      await stack.processes[service].start()
    }
    const count = await load.stop()
    await stack.settled({ timeoutMs: 60_000 })

    expect(count).toBeGreaterThanOrEqual(10)
    expect(await balanceOf(stack, referrer.userId)).toEqual({ pending: 200 * count, totalEarned: 200 * count })
    const rewards = await query(stack.databases.rewards.db, 'select id from rewards where user_id = ?', [
      referrer.userId,
    ])
    expect(rewards).toHaveLength(count)
    await expectBooksToBalance(stack)
  },
)
