import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { provisionDatabase } from '@tributary/provision'
import { freePorts, leash, startPostgres } from '@tributary/servers'
import { inspectAt } from '../inspector.ts'
import type { ScenarioOptions } from '../result.ts'
import { startIngest } from './ingest-process.ts'
import { measureIntake, newRequests } from './intake-load.ts'
import { openProbe, SAMPLES, type Sample } from './soak-probe.ts'

/** Sends that many webhooks to an ingest of its own, as fast as it takes them. */
export async function soakIngest({ directory, say }: ScenarioOptions, events: number): Promise<readonly Sample[]> {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const postgres = await startPostgres({ directory: join(directory, 'postgres-ingest') })
  leash([postgres.process])
  const undo: (() => Promise<unknown>)[] = [() => postgres.stop({ remove: true })]
  try {
    const passwords = { ownerPassword: randomBytes(16).toString('hex'), password: randomBytes(16).toString('hex') }
    const { url } = await provisionDatabase({ adminUrl: postgres.url, service: 'ingest', ...passwords })
    const [port] = (await freePorts(1)) as [number]
    const nodeArguments = [inspectAt(port)]
    const options = { directory, name: 'ingest', databaseUrl: url, secret, batchMax: 128, nodeArguments }
    const ingest = await startIngest(options)
    undo.push(ingest.stop)
    const probe = await openProbe(ingest.pid, port)
    undo.push(async () => probe.close())
    const target = { ...ingest, postgresPid: postgres.process.pid }
    let sent = 0
    for (let index = 1; index <= SAMPLES; index++) {
      const until = Math.round((events * index) / SAMPLES)
      const { rate } = await measureIntake(target, newRequests(secret, ingest.port, until - sent))
      sent = until
      await probe.sample(sent)
      say(`ingest: ${sent} sent, ${Math.round(rate)} /s`)
    }
    return probe.samples
  } finally {
    for (const step of undo.toReversed()) await step()
  }
}
