import { describeHolder, isPortFree, whoHolds } from '@tributary/servers'
import { Failure } from '../arguments.ts'
import { allPorts, defaultPortBase } from './state.ts'

/** Refuses with the holder of every taken port and a base whose ports are all free. */
export async function requireFreePorts(portBase: number): Promise<void> {
  const taken = await takenPorts(portBase)
  if (taken.length === 0) return
  const lines = taken.map((port) => {
    const holder = whoHolds(port)
    return `port ${port} is taken${holder === undefined ? '' : ` by ${describeHolder(holder)}`}`
  })
  const other = await findFreeBase(portBase)
  const advice =
    other === undefined ? 'choose free ports with --port-base N' : `try: ./tributary up --port-base ${other}`
  throw new Failure(`${lines.join('\n')}\n${advice}`)
}

async function takenPorts(portBase: number): Promise<number[]> {
  const ports = allPorts(portBase)
  const free = await Promise.all(ports.map((port) => isPortFree(port)))
  return ports.filter((_, at) => free[at] === false).sort((one, other) => one - other)
}

async function findFreeBase(not: number): Promise<number | undefined> {
  for (let base = defaultPortBase + 200; base < 20_000; base += 200) {
    if (base !== not && (await takenPorts(base)).length === 0) return base
  }
  return undefined
}
