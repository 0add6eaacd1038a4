import { commandLine, isRunning, stopPostgres, stopProcess, stopRabbit } from '@tributary/servers'
import { places } from '../places.ts'
import { stopContainer } from './rabbit-docker.ts'
import { readState, type StackState } from './state.ts'

/** Service processes that a supervisor left behind when it was killed: stopped, as nobody watches over them any more. */
export async function stopLeftServices(state: StackState | undefined, say: (line: string) => void): Promise<void> {
  await Promise.all(
    Object.entries(state?.services ?? {}).map(async ([name, { process: left }]) => {
      if (left === undefined || !isRunning(left)) return
      say(`${name} is still running (pid ${left.pid}) from an earlier start: stopping it`)
      await stopProcess(left, { graceMs: 28_000 })
    }),
  )
}

/** Everything that still runs of a stack whose supervisor is gone. Says whether there was anything. */
export async function stopLeftovers(say: (line: string) => void): Promise<boolean> {
  const state = readState()
  const running = Object.values(state?.services ?? {}).some(
    (each) => each.process !== undefined && isRunning(each.process),
  )
  await stopLeftServices(state, say)
  const [postgres, rabbit] = await Promise.all([stopPostgres(places.postgres), stopRabbit(places.rabbitmq)])
  const container = state?.rabbitmq?.container
  if (container !== undefined && state?.phase !== 'stopped') await stopContainer(container)
  return running || postgres || rabbit
}

/** For people: `pid 12 (node ...)`. */
export function describeProcess(pid: number): string {
  return `pid ${pid} (${(commandLine(pid) ?? 'unknown').slice(0, 80)})`
}
