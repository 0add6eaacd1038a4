import { type ServiceName, serviceNames } from '@tributary/contracts'
import { provisionBroker, provisionDatabases } from '@tributary/provision'
import { Failure } from '../arguments.ts'
import type { Progress } from './progress.ts'
import { passwordOf, type Secrets } from './secrets.ts'
import type { Postgres, Rabbit } from './servers.ts'

/** How a service reaches its own database and its own broker user. */
export interface ServiceAccess {
  readonly databaseUrl: string
  readonly amqpUrl: string
}

export type Access = Readonly<Record<ServiceName, ServiceAccess>>

/** Databases, roles and migrations; what stands already stays. Does not need the broker, so it need not wait for it. */
export async function prepareDatabases(postgres: Postgres, secrets: Secrets, progress: Progress): Promise<Urls> {
  try {
    const made = await provisionDatabases(postgres.url, (name) => passwordOf(secrets, name))
    progress.step('databases and roles stand, migrations are applied')
    return mapServices((name) => made[name].url)
  } catch (error) {
    throw new Failure(`preparing the databases failed: ${explain(error)}`)
  }
}

/** Exchanges, queues and a broker user for each service; what stands already stays. */
export async function prepareBroker(rabbit: Rabbit, secrets: Secrets, progress: Progress): Promise<Urls> {
  if (rabbit.managementUrl === null) {
    progress.step(
      'the broker has no management API: all services share its one user (set AMQP_MANAGEMENT_URL for a user each)',
    )
  }
  try {
    const { url: adminUrl, managementUrl } = rabbit
    const made = await provisionBroker({ adminUrl, managementUrl, secrets: (name) => passwordOf(secrets, name) })
    progress.step('queues and broker users stand')
    return made
  } catch (error) {
    const refused = error instanceof Error && /ECONN|ENOTFOUND|ETIMEDOUT|ACCESS_REFUSED|NOT_ALLOWED/.test(error.message)
    if (refused && rabbit.source === 'external') {
      throw new Failure(`AMQP_URL: cannot connect to RabbitMQ: ${error.message}`)
    }
    throw new Failure(`preparing the broker failed: ${explain(error)}`)
  }
}

type Urls = Readonly<Record<ServiceName, string>>

/** What each service is given, once both servers are prepared. */
export function accessOf(databases: Urls, broker: Urls): Access {
  return mapServices((name) => ({ databaseUrl: databases[name], amqpUrl: broker[name] }))
}

function mapServices<T>(value: (name: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, value(name)])) as Record<ServiceName, T>
}

/** A migration that fails is a programming error: where it came from is what its reader needs. */
function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
