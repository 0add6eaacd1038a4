import { rmSync } from 'node:fs'
import { dropDatabases } from '@tributary/provision'
import { removePostgres, removeRabbit } from '@tributary/servers'
import { home, homeExists, places } from '../places.ts'
import { removeFromBroker } from './external-broker.ts'
import { stopLeftovers } from './leftovers.ts'
import { removeContainer } from './rabbit-docker.ts'
import { readState, type StackState } from './state.ts'

/** Removes this checkout's local data and secrets. On servers that are not ours it drops only what `up` had made there. */
export async function purge(say: (line: string) => void): Promise<void> {
  if (!homeExists()) {
    // What had to live elsewhere outlives a `.tributary` that was removed by hand.
    removePostgres(places.postgres)
    return
  }
  const state = readState()
  await stopLeftovers(say)
  if (state !== undefined) await removeFromServers(state, say)
  if (state?.rabbitmq?.container !== undefined) await removeContainer(state.rabbitmq.container)
  removePostgres(places.postgres)
  await removeRabbit(places.rabbitmq)
  rmSync(home, { recursive: true, force: true })
}

async function removeFromServers({ postgres, rabbitmq }: StackState, say: (line: string) => void): Promise<void> {
  if (postgres?.source === 'external') {
    say(`dropping the databases and roles tributary_* on ${new URL(postgres.url).host}`)
    await dropDatabases(postgres.url)
  }
  if (rabbitmq?.source === 'external') {
    const host = new URL(rabbitmq.url).host
    if (await removeFromBroker(rabbitmq)) say(`removed Tributary's users, queues and exchanges from ${host}`)
    else say(`the queues and exchanges tributary.* stay on ${host}: it has no management API to remove them with`)
  }
}
