import { z } from 'zod'
import { loadConfig } from './config.ts'

const port = z.coerce.number().int().min(0).max(65_535)
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' })
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })

/** What every service reads from its environment. */
export const kitShape = z.object({
  NODE_ENV: z.enum(['production', 'development', 'test']).default('production').describe('Where it runs.'),
  HTTP_HOST: z.string().default('127.0.0.1').describe('Address to listen on. Loopback unless told otherwise.'),
  HTTP_PORT: port.describe('Port of the API; 0 takes a free one.'),
  METRICS_PORT: port.optional().describe('Port of /metrics. Default: HTTP_PORT + 100.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Lines less urgent than this are not written.'),
  DATABASE_URL: postgresUrl.describe("The service's own database, as the service's role."),
  DATABASE_DIRECT_URL: postgresUrl
    .optional()
    .describe('The same database past any pooler, for session locks. Default: DATABASE_URL.'),
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(100).default(10).describe('Connections, at most.'),
  AMQP_URL: z
    .url({ protocol: /^amqps?$/, error: 'must be an amqp:// URL' })
    .describe("RabbitMQ, as the service's user."),
  AUTH_ISSUER: z.string().min(1).describe('Who must have issued a bearer token (its `iss`).'),
  AUTH_JWKS_URL: httpUrl.describe('Where the keys are that tokens are signed with.'),
  CONSUME_BATCH_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(200)
    .describe('Messages in one transaction, at most.'),
  CONSUME_PREFETCH: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Messages fetched ahead. Default: twice CONSUME_BATCH_MAX.'),
  RELAY_BATCH_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(5_000)
    .default(500)
    .describe('Events published at once, at most.'),
  STOP_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .max(120_000)
    .default(25_000)
    .describe('Patience of a graceful stop.'),
})

export type KitConfig = z.output<typeof kitShape> & Readonly<{ METRICS_PORT: number; CONSUME_PREFETCH: number }>

/** The kit's variables, with those filled in that follow from others. */
export function loadKitConfig(env: Readonly<Record<string, string | undefined>>): KitConfig {
  return completeConfig(loadConfig(kitShape, env))
}

export function completeConfig<C extends z.output<typeof kitShape>>(config: C): C & KitConfig {
  const { HTTP_PORT, METRICS_PORT, CONSUME_BATCH_MAX, CONSUME_PREFETCH } = config
  return {
    ...config,
    METRICS_PORT: METRICS_PORT ?? (HTTP_PORT === 0 ? 0 : HTTP_PORT + 100),
    CONSUME_PREFETCH: CONSUME_PREFETCH ?? CONSUME_BATCH_MAX * 2,
  }
}
