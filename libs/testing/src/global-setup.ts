import type { TestProject } from 'vitest/node'
import { dropBrokerUsers, dropEverything } from './administer.ts'
import { type StartedServers, startServers, type TestServers } from './servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    servers: TestServers
  }
}

type Shared = { started: Promise<StartedServers>; users: number }

/** Each project loads this file by itself; they meet here to share one start. */
const meetingPoint = globalThis as { tributaryTestServers?: Shared }

/** Starts the servers once per run, for all projects that ask for them. */
export async function setup(project: TestProject): Promise<void> {
  meetingPoint.tributaryTestServers ??= { started: startServers(), users: 0 }
  meetingPoint.tributaryTestServers.users++
  const { servers } = await meetingPoint.tributaryTestServers.started
  project.provide('servers', servers)
}

/** Ends them with the last project. A run that is killed ends them too: they are on a leash (see @tributary/servers). */
export async function teardown(): Promise<void> {
  const shared = meetingPoint.tributaryTestServers
  if (shared === undefined || --shared.users > 0) return
  delete meetingPoint.tributaryTestServers
  const { servers, stop } = await shared.started
  // Servers of our own go as a whole.
  if (servers.source === 'external') await Promise.all([dropEverything(servers), dropBrokerUsers(servers)])
  await stop()
}
