import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger, Metrics } from '@tributary/observability'
import type { Job, JobContext } from './job.ts'
import type { Leadership } from './job-leadership.ts'

export type RunJobsOptions = Readonly<{
  jobs: readonly Job[]
  leadership: Leadership
  context: Omit<JobContext, 'signal' | 'log'>
  metrics: Metrics
  log: Logger
}>

export type RunningJobs = Readonly<{ stop(): Promise<void> }>

// Spread over the first second, so that a start does not run everything at once.
const FIRST_RUN_MS = 200
/** Whoever does not lead asks again this often, so a lead that was lost is taken up soon. */
const ASK_AGAIN_MS = 5_000
/** After a failure, no longer than this: an hourly job must not wait an hour for a database that came back. */
const AFTER_FAILURE_MS = 10_000
/** A job that always has more gives the others room, and its failure a line, at least this often. */
const STEPS_MAX = 1_000

/** Runs each job by itself, in the one process that leads it, until stopped. A failure is told and tried again. */
export function runJobs(options: RunJobsOptions): RunningJobs {
  const stopping = new AbortController()
  const names = options.jobs.map((job) => job.name)
  options.metrics.jobLastSuccess.allow({ job: names })
  options.metrics.jobRuns.allow({ job: names })
  const loops = options.jobs.map((job, index) => loop(job, options, stopping.signal, FIRST_RUN_MS * ((index % 5) + 1)))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
      await options.leadership.stop()
    },
  }
}

async function loop(job: Job, options: RunJobsOptions, stopping: AbortSignal, firstMs: number): Promise<void> {
  for (let waitMs = firstMs; await waited(waitMs, stopping); ) {
    waitMs = await turn(job, options, stopping)
  }
}

/** One turn: as many steps as there is work. Answers how long to wait for the next. */
async function turn(
  job: Job,
  { leadership, context, metrics, log }: RunJobsOptions,
  stopping: AbortSignal,
): Promise<number> {
  const startedAt = performance.now()
  let steps = 0
  try {
    const lead = await leadership.lead(job.name)
    if (lead === null) return Math.min(job.everyMs, ASK_AGAIN_MS)
    const signal = AbortSignal.any([lead, stopping])
    const jobLog = log.child({ job: job.name })
    for (let more = true; more && !signal.aborted && steps < STEPS_MAX; steps++) {
      more = await job.run({ ...context, log: jobLog, signal })
      metrics.jobRuns.inc({ job: job.name, result: 'ok' })
    }
    metrics.jobLastSuccess.set({ job: job.name }, context.now().getTime() / 1_000)
    log.debug({ event: 'job.ran', job: job.name, count: steps, durationMs: performance.now() - startedAt }, 'job.ran')
    return steps === STEPS_MAX ? 0 : job.everyMs
  } catch (error) {
    if (!stopping.aborted) {
      metrics.jobRuns.inc({ job: job.name, result: 'failed' })
      log.error({ event: 'job.failed', job: job.name, count: steps, err: error }, 'job.failed')
    }
    return Math.min(job.everyMs, AFTER_FAILURE_MS)
  }
}

/** False when told to stop. */
async function waited(ms: number, stopping: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal: stopping })
    return true
  } catch {
    return false
  }
}
