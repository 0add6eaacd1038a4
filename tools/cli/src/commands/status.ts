import { serviceNames } from '@tributary/contracts'
import { isRunning } from '@tributary/servers'
import { command } from '../arguments.ts'
import { readSecrets } from '../stack/secrets.ts'
import { readiness } from '../stack/services.ts'
import {
  defaultPortBase,
  metricsUrl,
  readChoices,
  readState,
  runningState,
  type StackState,
  serviceUrl,
} from '../stack/state.ts'

const help = `
Usage: ./tributary status [--json]

Says what runs where: every service with its pid, whether it is ready, how often it was restarted and how it last ended. Exit 0
when everything is ready, 1 when not.
`

interface ServiceStatus {
  readonly url: string
  readonly metricsUrl: string
  readonly pid: number | null
  readonly ready: boolean
  readonly restarts: number
  readonly lastExit: { readonly at: string; readonly reason: string } | null
}

export const status = command({
  name: 'status',
  summary: 'say what runs where',
  help,
  options: { json: { type: 'boolean', default: false } },
  async run({ json }) {
    const state = runningState()
    const services = await serviceStatuses(state)
    const ready = state?.phase === 'ready' && Object.values(services).every((each) => each.ready)
    if (json) console.log(JSON.stringify(wholeStatus(state, services), null, 2))
    else print(state, services)
    return ready ? 0 : 1
  },
})

async function serviceStatuses(state: StackState | undefined): Promise<Record<string, ServiceStatus>> {
  const portBase = state?.portBase ?? readChoices().portBase ?? defaultPortBase
  const entries = serviceNames.map(async (name) => {
    const known = state?.services[name]
    const url = serviceUrl(portBase, name)
    const pid = known?.process !== undefined && isRunning(known.process) ? known.process.pid : null
    // Another stack may answer on this port: without a process of ours it is not ours that is ready.
    const ready = pid !== null && (await readiness(url)).ready
    const lastExit = known?.lastExit ?? null
    return [
      name,
      { url, metricsUrl: metricsUrl(portBase, name), pid, ready, restarts: known?.restarts ?? 0, lastExit },
    ] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function wholeStatus(state: StackState | undefined, services: Record<string, ServiceStatus>) {
  const secrets = readSecrets()
  return {
    services,
    postgres: state?.postgres === undefined ? null : { url: state.postgres.url, source: state.postgres.source },
    rabbitmq: state?.rabbitmq === undefined ? null : { url: state.rabbitmq.url, source: state.rabbitmq.source },
    webhookSecret: secrets?.webhookSecret ?? null,
    console: secrets === undefined ? null : { url: services.admin?.url ?? null, ...secrets.console },
  }
}

function print(state: StackState | undefined, services: Record<string, ServiceStatus>): void {
  if (state === undefined) {
    const last = readState()
    const crashed = last !== undefined && last.phase !== 'stopped'
    console.log(
      crashed ? 'Not running: it ended without stopping in order. ./tributary up or down cleans up.' : 'Not running.',
    )
    return
  }
  console.log(`Tributary is ${state.phase} (pid ${state.supervisor.pid}, since ${state.startedAt})\n`)
  for (const [name, each] of Object.entries(services)) {
    const condition = each.pid === null ? 'down     ' : each.ready ? 'ready    ' : 'not ready'
    const restarts =
      each.restarts === 0
        ? ''
        : `  restarted ${each.restarts === 1 ? 'once' : `${each.restarts} times`}, last: ${each.lastExit?.reason} at ${each.lastExit?.at}`
    console.log(`  ${name.padEnd(10)} ${condition} ${each.url}  pid ${each.pid ?? '-'}${restarts}`)
  }
  console.log(`  ${'postgres'.padEnd(10)} ${describeServer(state.postgres)}`)
  console.log(`  ${'rabbitmq'.padEnd(10)} ${describeServer(state.rabbitmq)}`)
}

/** Servers that are not ours have no process here, and no condition that we could tell. */
function describeServer(server: StackState['postgres'] | StackState['rabbitmq']): string {
  if (server === undefined) return 'starting'
  const [main] = server.processes
  const condition = main === undefined ? '' : isRunning(main) ? `, pid ${main.pid}` : ', DOWN'
  return `${server.source}  ${address(server.url)}${condition}`
}

/** Host and port; the whole URL holds a password, which `--json` prints for programs. */
function address(url: string | undefined): string {
  return url === undefined ? '' : new URL(url).host
}
