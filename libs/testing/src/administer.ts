import { createHmac } from 'node:crypto'
import { serviceNames } from '@tributary/contracts'
import { openDatabase, query } from '@tributary/database'
import type { TestServers } from './servers.ts'

/** The password of a role or broker user of this run. */
export const secretOf = (servers: TestServers, name: string): string =>
  createHmac('sha256', servers.secret).update(name).digest('base64url')

/** Removes the users of this run; for brokers that outlive it. */
export async function dropBrokerUsers(servers: TestServers): Promise<void> {
  for (const service of serviceNames) await manage(servers, 'DELETE', `users/${servers.prefix}_${service}`)
}

/** Asks the management API. What is gone already counts as deleted. */
export async function manage(servers: TestServers, method: string, path: string, body?: object): Promise<void> {
  const { username, password } = new URL(servers.amqpUrl)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const response = await fetch(`${servers.managementUrl}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(credentials)}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    throw new Error(`tests need RabbitMQ's management API, and ${servers.managementUrl} does not answer`, {
      cause: error,
    })
  })
  await response.body?.cancel()
  if (!response.ok && response.status !== 404)
    throw new Error(`${method} ${path}: RabbitMQ answered ${response.status}`)
}

/** Removes every database and role of this run; for servers that outlive it. */
export async function dropEverything(servers: TestServers): Promise<void> {
  const admin = openDatabase({ url: servers.postgresUrl, applicationName: 'tests', poolMax: 1 })
  const named = [`${servers.prefix}%`]
  try {
    for (const { datname } of await query<{ datname: string }>(
      admin,
      'select datname from pg_database where datname like ?',
      named,
    )) {
      await query(admin, `alter database ${datname} with is_template false`)
      await query(admin, `drop database ${datname} with (force)`)
    }
    for (const { rolname } of await query<{ rolname: string }>(
      admin,
      'select rolname from pg_roles where rolname like ?',
      named,
    )) {
      await query(admin, `drop role ${rolname}`)
    }
  } finally {
    await admin.destroy()
  }
}
