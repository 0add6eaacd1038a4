import { newLogger, newMetrics } from '@tributary/observability'
import type { z } from 'zod'
import { ConfigError, loadConfig } from './config.ts'
import { completeConfig, type KitConfig, kitShape } from './kit-config.ts'
import { endWithProcess } from './lifecycle.ts'
import type { Service } from './service.ts'
import { startService } from './start.ts'

/**
 * The whole life of a service's process: reads the environment, starts, and stops when told to. A configuration that is
 * not right ends it at once, exit 2, with every complaint in one message.
 */
export async function run<S extends z.ZodObject>(
  makeService: (config: z.output<S> & KitConfig) => Service,
  shape: S,
): Promise<void> {
  const config = readEnvironment(shape)
  const service = makeService(config)
  const log = newLogger(service.name, config.LOG_LEVEL)
  let stop: () => Promise<readonly string[]> = async () => []
  endWithProcess(() => stop(), { log, timeoutMs: config.STOP_TIMEOUT_MS })
  try {
    const running = await startService(service, {
      config,
      log,
      metrics: newMetrics(service.name, { processMetrics: true }),
    })
    stop = running.stop
  } catch (error) {
    log.fatal({ event: 'service.failed', err: error }, 'the service could not start')
    process.exit(1)
  }
}

function readEnvironment<S extends z.ZodObject>(shape: S): z.output<S> & KitConfig {
  try {
    // One parse of both, so that all complaints come at once.
    const both = kitShape.extend(shape.shape)
    const config = loadConfig(both) as z.output<S> & z.output<typeof kitShape>
    return completeConfig(config)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}
