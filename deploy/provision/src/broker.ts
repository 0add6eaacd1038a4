import { type ServiceName, serviceNames } from '@tributary/contracts'
import { brokerPermissions, declareTopology } from '@tributary/messaging'

/** Where the broker is and how it is administered. */
export type ProvisionBrokerOptions = Readonly<{
  /** Of a user who may configure everything in the virtual host. */
  adminUrl: string
  /**
   * RabbitMQ's management API; null where there is none: all services then share one user.
   * Without credentials of its own, those of `adminUrl` are used.
   */
  managementUrl: string | null
  secrets: BrokerSecrets
  prefix?: string
  /** Users live in the whole broker, so that they may be there already for a further virtual host. */
  skipUsers?: boolean
  /** A queue of an outsider keeps at most this many messages; then its oldest go. It never holds up a publisher. */
  outsiderQueueMax?: number
}>

export type BrokerSecrets = (user: string) => string

/** Hours of traffic for a small programme, tens of megabytes at most. */
const OUTSIDER_QUEUE_MAX = 100_000

/**
 * Declares the topology and gives each service a user that may publish its own nouns only.
 * Answers the URL each service works with.
 */
export async function provisionBroker(options: ProvisionBrokerOptions): Promise<Record<ServiceName, string>> {
  const {
    adminUrl,
    managementUrl,
    secrets,
    prefix = 'tributary',
    skipUsers = false,
    outsiderQueueMax = OUTSIDER_QUEUE_MAX,
  } = options
  await declareTopology(adminUrl)
  const urls: [ServiceName, string][] = []
  const vhost = vhostOf(adminUrl)
  for (const service of serviceNames) {
    if (managementUrl === null) {
      urls.push([service, adminUrl])
      continue
    }
    const user = `${prefix}_${service}`
    const password = secrets(user)
    const api = apiOf(managementUrl, adminUrl)
    if (!skipUsers) await api('PUT', `users/${encodeURIComponent(user)}`, { password, tags: '' })
    await permit(api, vhost, user, service)
    urls.push([service, withUser(adminUrl, user, password)])
  }
  if (managementUrl !== null) await boundOutsiders(apiOf(managementUrl, adminUrl), vhost, outsiderQueueMax)
  return Object.fromEntries(urls) as Record<ServiceName, string>
}

type Api = (method: string, path: string, body: unknown) => Promise<void>

async function permit(api: Api, vhost: string, user: string, service: ServiceName): Promise<void> {
  const { configure, write, read, topics } = brokerPermissions(service)
  const where = `${encodeURIComponent(vhost)}/${encodeURIComponent(user)}`
  await api('PUT', `permissions/${where}`, { configure, write, read })
  for (const topic of topics) await api('PUT', `topic-permissions/${where}`, topic)
}

/** A policy, since outsiders declare their own queues and may forget the bound. */
async function boundOutsiders(api: Api, vhost: string, max: number): Promise<void> {
  await api('PUT', `policies/${encodeURIComponent(vhost)}/outsiders`, {
    pattern: '^(?!tributary\\.)',
    'apply-to': 'queues',
    definition: { 'max-length': max, overflow: 'drop-head' },
    priority: 0,
  })
}

function apiOf(managementUrl: string, adminUrl: string): Api {
  const url = new URL(managementUrl)
  const { username, password } = url.username === '' ? new URL(adminUrl) : url
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  return async (method, path, body) => {
    const response = await fetch(`${url.origin}/api/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) throw new Error(`RabbitMQ's management API answered ${response.status} to ${method} ${path}`)
  }
}

function vhostOf(amqpUrl: string): string {
  const path = new URL(amqpUrl).pathname.slice(1)
  return path === '' ? '/' : decodeURIComponent(path)
}

function withUser(amqpUrl: string, user: string, password: string): string {
  const url = new URL(amqpUrl)
  url.username = encodeURIComponent(user)
  url.password = encodeURIComponent(password)
  return url.toString()
}
