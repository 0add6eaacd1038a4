import { createHmac } from 'node:crypto'
import { provision } from './provision.ts'

const required = ['DATABASE_URL', 'AMQP_URL', 'PROVISION_SECRET'] as const
const missing = required.filter((name) => !process.env[name])
if (missing.length > 0) {
  process.stderr.write(`provision: set ${missing.join(', ')}\n`)
  process.exit(2)
}

const secret = process.env.PROVISION_SECRET as string
const provisioned = await provision({
  postgresAdminUrl: process.env.DATABASE_URL as string,
  amqpAdminUrl: process.env.AMQP_URL as string,
  managementUrl: process.env.RABBITMQ_MANAGEMENT_URL ?? null,
  secretOf: (name) => createHmac('sha256', secret).update(name).digest('base64url'),
  onProgress: (what) => process.stderr.write(`provisioned: ${what}\n`),
})
for (const [service, { databaseUrl, amqpUrl }] of Object.entries(provisioned)) {
  process.stdout.write(
    `${service.toUpperCase()}_DATABASE_URL=${databaseUrl}\n${service.toUpperCase()}_AMQP_URL=${amqpUrl}\n`,
  )
}
