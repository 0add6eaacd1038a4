import { serviceNames } from '@tributary/contracts'
import { topology } from '@tributary/messaging'
import { Failure } from '../arguments.ts'

/** A broker that is not ours, as far as we may use it. */
export interface ExternalBroker {
  /** On our own virtual host where we could make one. */
  readonly url: string
  readonly managementUrl: string | null
  /** The virtual host we made, and so may remove; absent when we use one that was there. */
  readonly ownVhost?: string
}

const vhost = 'tributary'

/**
 * Prepares a given broker. A URL without a virtual host (or with `/`) gets one of its own, where there is a management API; a
 * URL that names one is taken at its word.
 */
export async function prepareExternalBroker(
  url: string,
  givenManagementUrl: string | undefined,
): Promise<ExternalBroker> {
  const managementUrl = givenManagementUrl ?? `http://${new URL(url).hostname}:15672`
  const api = managementApi(managementUrl, url)
  const reachable = await api('GET', 'whoami').catch(() => undefined)
  if (reachable !== 200) {
    if (givenManagementUrl === undefined) return { url, managementUrl: null }
    throw new Failure(`the management API of AMQP_MANAGEMENT_URL does not let us in (${reachable ?? 'no answer'})`)
  }
  const path = new URL(url).pathname
  if (path !== '' && path !== '/' && path.toLowerCase() !== '/%2f') return { url, managementUrl }
  const made = await api('PUT', `vhosts/${vhost}`, {})
  const user = encodeURIComponent(decodeURIComponent(new URL(url).username))
  await api('PUT', `permissions/${vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' })
  const own = new URL(url)
  own.pathname = `/${vhost}`
  // 201: made just now; 204: it stood already, perhaps from an earlier start of ours, which the state remembers.
  return { url: own.toString(), managementUrl, ...(made === 201 ? { ownVhost: vhost } : {}) }
}

/** Removes our users, and our virtual host or else what we declared in somebody else's. False: nothing could be removed. */
export async function removeFromBroker(broker: ExternalBroker): Promise<boolean> {
  if (broker.managementUrl === null) return false
  const api = managementApi(broker.managementUrl, broker.url)
  for (const service of serviceNames) await api('DELETE', `users/tributary_${service}`)
  if (broker.ownVhost !== undefined) {
    await api('DELETE', `vhosts/${broker.ownVhost}`)
    return true
  }
  const given = new URL(broker.url).pathname.slice(1)
  const where = given === '' ? '%2F' : encodeURIComponent(decodeURIComponent(given))
  const { queues, exchanges } = topology()
  for (const { name } of queues) await api('DELETE', `queues/${where}/${encodeURIComponent(name)}`)
  for (const name of exchanges) await api('DELETE', `exchanges/${where}/${encodeURIComponent(name)}`)
  await api('DELETE', `policies/${where}/outsiders`)
  return true
}

/** Answers the status; the credentials are the URL's own or else the broker's. */
function managementApi(managementUrl: string, amqpUrl: string) {
  const url = new URL(managementUrl)
  const { username, password } = url.username === '' ? new URL(amqpUrl) : url
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  return async (method: string, path: string, body?: unknown): Promise<number> => {
    const response = await fetch(`${url.origin}/api/${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    await response.body?.cancel()
    return response.status
  }
}
