import type { ServiceName } from '@tributary/contracts'
import { provisionBroker } from './broker.ts'
import { provisionDatabases } from './databases.ts'

export type ProvisionOptions = Readonly<{
  /** Of a PostgreSQL role that may create roles and databases. */
  postgresAdminUrl: string
  /** Of a RabbitMQ user who may configure everything in its virtual host. */
  amqpAdminUrl: string
  /** RabbitMQ's management API, `http://host:15672`; null where there is none. */
  managementUrl: string | null
  /** The password of a database role or broker user, by its name; the same at every run. */
  secretOf: (name: string) => string
  prefix?: string
  onProgress?: (what: string) => void
}>

/** What each service connects to. */
export type Provisioned = Readonly<Record<ServiceName, Readonly<{ databaseUrl: string; amqpUrl: string }>>>

/** Prepares both servers for all services; what stands already stays. Runs before any service does. */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  const { postgresAdminUrl, amqpAdminUrl, managementUrl, secretOf, prefix, onProgress = () => {} } = options
  const databases = provisionDatabases(postgresAdminUrl, secretOf, prefix).then((made) => {
    onProgress('databases, roles and migrations')
    return made
  })
  const broker = provisionBroker({
    adminUrl: amqpAdminUrl,
    managementUrl,
    secrets: secretOf,
    ...(prefix === undefined ? {} : { prefix }),
  }).then((made) => {
    onProgress('broker topology and users')
    return made
  })
  const [databaseUrls, amqpUrls] = await Promise.all([databases, broker])
  return Object.fromEntries(
    Object.entries(databaseUrls).map(([service, { url }]) => [
      service,
      { databaseUrl: url, amqpUrl: amqpUrls[service as ServiceName] },
    ]),
  ) as Provisioned
}
