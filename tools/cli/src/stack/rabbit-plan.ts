import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findRabbit } from '@tributary/servers'
import { Failure, refusedToInstall } from '../arguments.ts'

const run = promisify(execFile)

/** Where RabbitMQ will come from, decided before anything is touched, so that it can be announced. */
export type RabbitPlan =
  | { readonly kind: 'external'; readonly url: string; readonly managementUrl: string | undefined }
  | { readonly kind: 'binary'; readonly script: string }
  | { readonly kind: 'docker'; readonly image: string; readonly pull: boolean }
  | { readonly kind: 'install'; readonly sudo: boolean }

const waysOut =
  'Install it (Debian: apt-get install rabbitmq-server), or start a Docker engine, or set AMQP_URL to a broker of yours.'

/** AMQP_URL, else the machine's own, else Docker, else the distribution's package. */
export async function planRabbit(mayInstall: boolean, env: NodeJS.ProcessEnv = process.env): Promise<RabbitPlan> {
  const url = env.AMQP_URL
  if (url !== undefined && url !== '') return { kind: 'external', url, managementUrl: env.AMQP_MANAGEMENT_URL }
  const script = findRabbit()
  if (script !== undefined) return { kind: 'binary', script }
  const image = env.TRIBUTARY_RABBITMQ_IMAGE ?? 'rabbitmq:4-management'
  if (await succeeds('docker', ['version', '--format', '{{.Server.Version}}'])) {
    if (await succeeds('docker', ['image', 'inspect', image])) return { kind: 'docker', image, pull: false }
    if (mayInstall) return { kind: 'docker', image, pull: true }
  }
  return planInstallation(mayInstall)
}

/** Without Docker: the distribution's package, by whoever may install it. */
export async function planInstallation(mayInstall: boolean): Promise<RabbitPlan> {
  if (!mayInstall)
    throw new Failure(`RabbitMQ is missing and --no-install forbids installing it. ${waysOut}`, refusedToInstall)
  if (await succeeds('apt-get', ['--version'])) {
    if (process.getuid?.() === 0) return { kind: 'install', sudo: false }
    if (await succeeds('sudo', ['-n', 'true'])) return { kind: 'install', sudo: true }
    throw new Failure(`RabbitMQ is missing, and installing it needs root or sudo without a password. ${waysOut}`)
  }
  throw new Failure(`RabbitMQ is missing and this system has no apt-get. ${waysOut}`)
}

export async function succeeds(command: string, words: string[], timeout = 10_000): Promise<boolean> {
  try {
    await run(command, words, { timeout })
    return true
  } catch {
    return false
  }
}
