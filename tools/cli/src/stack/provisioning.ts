import type { ServiceName } from '@tributary/contracts'
import { type Provisioned, provision } from '@tributary/provision'
import { Failure } from '../arguments.ts'
import type { Progress } from './progress.ts'
import { passwordOf, type Secrets } from './secrets.ts'
import type { Postgres, Rabbit } from './servers.ts'

/** How a service reaches its own database and its own broker user. */
export type ServiceAccess = Provisioned[ServiceName]

/** Databases, roles, migrations, broker users and queues; what stands already stays. */
export async function provisionStack(
  postgres: Postgres,
  rabbit: Rabbit,
  secrets: Secrets,
  progress: Progress,
): Promise<Provisioned> {
  if (rabbit.managementUrl === null) {
    progress.step(
      'the broker has no management API: all services share its one user (set AMQP_MANAGEMENT_URL for a user each)',
    )
  }
  try {
    return await provision({
      postgresAdminUrl: postgres.url,
      amqpAdminUrl: rabbit.url,
      managementUrl: rabbit.managementUrl,
      secretOf: (name) => passwordOf(secrets, name),
      onProgress: (what) => progress.step(`ready: ${what}`),
    })
  } catch (error) {
    // Migrations and permissions fail for reasons an operator must read; the stack trace says where they came from.
    const refused =
      error instanceof Error && /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|ACCESS_REFUSED|NOT_ALLOWED/.exec(error.message)
    if (refused && rabbit.source === 'external')
      throw new Failure(`AMQP_URL: cannot connect to RabbitMQ: ${error.message}`)
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new Failure(`preparing the databases and the broker failed: ${text}`)
  }
}
