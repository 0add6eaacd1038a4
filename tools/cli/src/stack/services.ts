import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '@tributary/contracts'
import { tail } from '@tributary/servers'
import { Failure } from '../arguments.ts'
import { places, root } from '../places.ts'
import { type Child, supervise } from './child.ts'
import type { ServiceState } from './state.ts'
import { metricsUrl, serviceUrl } from './state.ts'

export type Services = ReadonlyMap<ServiceName, Child>

/** Starts all six; each is its own program and comes back by itself when it ends. */
export function startServices(
  environments: Readonly<Record<ServiceName, NodeJS.ProcessEnv>>,
  onChange: () => void,
): Services {
  const children = new Map<ServiceName, Child>()
  for (const name of serviceNames) {
    const spec = {
      name,
      command: process.execPath,
      words: [join('services', name, 'src', 'main.ts')],
      cwd: root,
      env: environments[name],
      log: join(places.logs, `${name}.log`),
    }
    children.set(name, supervise(spec, onChange))
  }
  return children
}

/** What `status` says of each, from what the supervisor knows. */
export function describeServices(services: Services, portBase: number): Record<string, ServiceState> {
  return Object.fromEntries(
    [...services].map(([name, child]) => [
      name,
      { url: serviceUrl(portBase, name), metricsUrl: metricsUrl(portBase, name), ...child.report() },
    ]),
  )
}

/** 25 s to drain, as services promise, and a little more. */
const drainMs = 28_000

export async function stopServices(services: Services): Promise<void> {
  await Promise.all([...services.values()].map((child) => child.stop(drainMs)))
}

/** How often a service may end before its first `ready` until we call its start a failure. */
const endsBeforeReadyMax = 3

/** Until every service says it is ready; fails with the reasons and the last log lines of one that will not be. */
export async function untilReady(services: Services, portBase: number, timeoutMs: number): Promise<void> {
  const waiting = new Map<ServiceName, string>([...services.keys()].map((name) => [name, 'no answer yet']))
  const deadline = Date.now() + timeoutMs
  while (waiting.size > 0) {
    await Promise.all(
      [...waiting.keys()].map(async (name) => {
        const answer = await readiness(serviceUrl(portBase, name))
        // One that has not heard of the plan yet would refuse what the plan has.
        if (answer.ready && !answer.reason.includes('"plan":null')) waiting.delete(name)
        else waiting.set(name, answer.reason)
      }),
    )
    for (const [name, reason] of waiting) {
      const { restarts, lastExit } = services.get(name)?.report() ?? { restarts: 0 }
      const ended = restarts >= endsBeforeReadyMax ? `it ended ${restarts} times (${lastExit?.reason})` : undefined
      if (ended !== undefined || Date.now() > deadline) throw notReady(name, ended ?? reason)
    }
    if (waiting.size > 0) await sleep(100)
  }
}

function notReady(name: ServiceName, reason: string): Failure {
  const log = join(places.logs, `${name}.log`)
  return new Failure(`${name} did not become ready: ${reason}\nThe end of ${log}:\n${tail(log)}`)
}

/** Asks `/readyz`; the reason is the service's own answer. */
export async function readiness(url: string): Promise<{ ready: boolean; reason: string }> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
    const text = (await response.text()).slice(0, 500)
    return { ready: response.ok, reason: text }
  } catch {
    return { ready: false, reason: 'no answer' }
  }
}
