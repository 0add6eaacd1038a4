import { randomBytes } from 'node:crypto'
import type { ServiceName } from '@tributary/contracts'
import { provisionBroker } from '@tributary/provision'
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import { inject } from 'vitest'
import { manage, secretOf } from './administer.ts'
import { defer } from './undo.ts'

/** A virtual host with the whole topology in it, and a user for each service. */
export type TestBroker = Readonly<{
  vhost: string
  /** May do everything in it. */
  adminUrl: string
  /** As each service connects. */
  urls: Readonly<Record<ServiceName, string>>
  /** A channel of the administrator's. Wait for its confirms before closing it: a quorum queue loses what it has not confirmed. */
  channel(): Promise<ConfirmChannel>
}>

/** A broker of its own for this test (or this file, outside a test): a virtual host, gone at its end. */
export async function testBroker(): Promise<TestBroker> {
  const servers = inject('servers')
  const vhost = `${servers.prefix}_${randomBytes(4).toString('hex')}`
  await manage(servers, 'PUT', `vhosts/${vhost}`, {})
  defer(() => manage(servers, 'DELETE', `vhosts/${vhost}`))
  const url = new URL(servers.amqpUrl)
  url.pathname = `/${vhost}`
  const everything = { configure: '.*', write: '.*', read: '.*' }
  await manage(servers, 'PUT', `permissions/${vhost}/${url.username}`, everything)
  const { managementUrl, prefix } = servers
  const urls = await provisionBroker({
    adminUrl: url.href,
    managementUrl,
    prefix,
    secrets: (user) => secretOf(servers, user),
  })
  let connection: Promise<ChannelModel> | undefined
  return {
    vhost,
    adminUrl: url.href,
    urls,
    async channel() {
      connection ??= openConnection(url.href)
      return (await connection).createConfirmChannel()
    },
  }
}

async function openConnection(url: string): Promise<ChannelModel> {
  const connection = await connect(url)
  connection.on('error', () => {})
  defer(() => connection.close().catch(() => {}))
  return connection
}
