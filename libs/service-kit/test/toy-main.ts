import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { answer, route, run } from '../src/index.ts'

/** A process of the kit that can be made to misbehave; started by ends-when-told-to.test.ts. */
const misbehave = route({
  method: 'POST',
  path: '/misbehave',
  summary: 'Do something a process should not',
  access: { public: 'a toy' },
  body: z.object({ by: z.enum(['throwing', 'rejecting', 'dawdling']), forMs: z.int().default(0) }),
  answers: { 200: z.object({}) },
  async handle({ body: { by, forMs } }) {
    if (by === 'dawdling') await sleep(forMs)
    if (by === 'throwing') setImmediate(() => raise('thrown where nobody catches'))
    if (by === 'rejecting') void Promise.reject(new Error('rejected where nobody looks'))
    return answer(200, {})
  },
})

function raise(message: string): never {
  throw new Error(message)
}

await run(
  () => ({ name: 'payouts', routes: [misbehave], consumes: [], publishes: [], jobs: [] }),
  z.object({ TOY_SECRET: z.string().min(10).describe('A variable of its own.') }),
)
