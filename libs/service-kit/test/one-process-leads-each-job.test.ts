import { query } from '@tributary/database'
import { cutLine, type TestService, testClock, testDatabase, until } from '@tributary/testing'
import { expect, test } from 'vitest'
import type { Job, JobContext } from '../src/index.ts'
import { startToy } from './toy.ts'

/** A job that notes who runs it, and that fails when two do at once. */
function newCounted(run: (context: JobContext, runs: number) => Promise<boolean> = async () => false) {
  const seen = { runs: 0, by: new Set<string>(), inside: 0, mostInside: 0 }
  const jobFor = (process: string): Job => ({
    name: 'count-toys',
    everyMs: 30,
    async run(context) {
      seen.inside++
      seen.mostInside = Math.max(seen.mostInside, seen.inside)
      seen.runs++
      seen.by.add(process)
      try {
        return await run(context, seen.runs)
      } finally {
        seen.inside--
      }
    },
  })
  return { seen, jobFor }
}

async function metric(toy: TestService, line: RegExp): Promise<number> {
  const text = await (await fetch(toy.metricsUrl)).text()
  return Number(line.exec(text)?.[1] ?? Number.NaN)
}

test('of two processes one runs a job; when it stops, the other takes over', async () => {
  const { seen, jobFor } = newCounted()
  const one = await startToy({ jobs: [jobFor('one')] })
  await until('the first to lead', () => seen.by.has('one'))
  await startToy({ jobs: [jobFor('two')] }, { database: one.database, broker: one.broker })
  const before = seen.runs
  await until('some more runs', () => seen.runs > before + 20)
  expect([...seen.by]).toEqual(['one'])
  await one.stop()
  await until('the second to lead', () => seen.by.has('two'))
  expect(seen.mostInside).toBe(1)
})

test('a lead is lost with its connection, told to the job, and found again', async () => {
  const database = await testDatabase('payouts')
  const line = await cutLine(database.url)
  const aborted = Promise.withResolvers<void>()
  const { seen, jobFor } = newCounted(async ({ signal }, runs) => {
    if (runs !== 1) return false
    signal.addEventListener('abort', () => aborted.resolve())
    await aborted.promise
    return true
  })
  await startToy({ jobs: [jobFor('one')] }, { database, databaseUrl: line.url })
  await until('the job to run', () => seen.runs === 1)
  line.cut()
  await aborted.promise
  line.mend()
  await until('the job to run again', () => seen.runs > 1)
})

test('a job that fails is counted, told, and tried again; its last success stays', async () => {
  const { seen, jobFor } = newCounted(async (_context, runs) => {
    if (runs <= 2) throw new Error('not yet')
    return false
  })
  const toy = await startToy({ jobs: [jobFor('one')] })
  expect(await metric(toy, /^tributary_job_last_success_timestamp_seconds\{job="count-toys"\} (.*)$/m)).toBe(0)
  await until('a success', () => seen.runs > 3)
  expect(await metric(toy, /^tributary_job_runs_total\{job="count-toys",result="failed"\} (.*)$/m)).toBe(2)
  const last = await metric(toy, /^tributary_job_last_success_timestamp_seconds\{job="count-toys"\} (.*)$/m)
  expect(Math.abs(last - Date.now() / 1_000)).toBeLessThan(10)
})

test('a job with more to do is called again at once', async () => {
  const { seen, jobFor } = newCounted(async (_context, runs) => runs % 50 !== 0)
  await startToy({ jobs: [{ ...jobFor('one'), everyMs: 60_000 }] })
  await until('all of its work', () => seen.runs === 50)
})

test('a stop waits for the step in hand, and no step follows', async () => {
  const entered = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const { seen, jobFor } = newCounted(async () => {
    entered.resolve()
    await finish.promise
    return true
  })
  const toy = await startToy({ jobs: [jobFor('one')] })
  await entered.promise
  let stopped = false
  const stop = toy.stop().then((failed) => {
    stopped = true
    return failed
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(stopped).toBe(false)
  finish.resolve()
  expect(await stop).toEqual([])
  expect(seen.runs).toBe(1)
})

test('partitions are made ahead, and those nobody needs are dropped', async () => {
  const database = await testDatabase('payouts')
  await query(database.db, "select ensure_partitions('outbox', 'day', 0, 9)")
  const partitions = async () => {
    const rows = await query<{ day: string }>(
      database.db,
      "select right(inhrelid::regclass::text, 8) as day from pg_inherits where inhparent = 'outbox'::regclass order by 1",
    )
    return rows.map(({ day }) => day)
  }
  const dayFromNow = (days: number) =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')
  expect(await partitions()).toContain(dayFromNow(-9))
  // A process whose clock is ahead must not drop what is written today.
  const clock = testClock()
  clock.forward({ days: 14 })
  const toy = await startToy({}, { database, clock })
  await until('seven days ahead', async () => (await partitions()).includes(dayFromNow(7)))
  await until('old days to be dropped', async () => !(await partitions()).includes(dayFromNow(-4)))
  expect(await partitions()).toContain(dayFromNow(-3))
  await until(
    'both tables to say so',
    async () =>
      (await metric(toy, /^tributary_partitions_ahead\{table="outbox"\} (.*)$/m)) === 7 &&
      (await metric(toy, /^tributary_partitions_ahead\{table="inbox"\} (.*)$/m)) === 7,
  )
})
