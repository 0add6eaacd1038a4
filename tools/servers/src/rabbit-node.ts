import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything a private node listens on. */
export interface RabbitPorts {
  readonly amqp: number
  readonly management: number
  readonly distribution: number
  readonly epmd: number
}

export interface RabbitNode {
  readonly directory: string
  readonly ports: RabbitPorts
  readonly adminUser: string
  readonly adminPassword: string
}

/** Writes the node's configuration and says what its environment must be. Nothing of the machine's own configuration is read. */
export function prepareNode(node: RabbitNode): NodeJS.ProcessEnv {
  for (const folder of ['home', 'mnesia', 'log', 'config'])
    mkdirSync(join(node.directory, folder), { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) => writeFileSync(join(node.directory, name), text, { mode: 0o600 })
  write('rabbitmq.conf', configuration(node))
  write('advanced.config', '[].\n')
  // Named but empty: otherwise /etc/rabbitmq/rabbitmq-env.conf would speak.
  write('rabbitmq-env.conf', '')
  write('enabled_plugins', '[rabbitmq_management].\n')
  return environment(node)
}

function configuration({ ports, adminUser, adminPassword }: RabbitNode): string {
  return `listeners.tcp.local = 127.0.0.1:${ports.amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
default_user = ${adminUser}
default_pass = ${adminPassword}
# The collector costs a steady few per cent of a core; users, vhosts and permissions work without it.
management_agent.disable_metrics_collector = true
# Developers' disks are full. The broker's own default of 50 MB is too late, a share of the memory too early.
disk_free_limit.absolute = 200MB
vm_memory_high_watermark.relative = 0.4
log.console = false
log.file.level = info
log.file.rotation.size = 10485760
log.file.rotation.count = 2
`
}

function environment({ directory, ports }: RabbitNode): NodeJS.ProcessEnv {
  const at = (name: string) => join(directory, name)
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    // The Erlang cookie lives in the home folder: two nodes with different ones cannot talk to each other.
    HOME: at('home'),
    RABBITMQ_NODENAME: nodeName(directory),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: at('mnesia'),
    RABBITMQ_LOG_BASE: at('log'),
    RABBITMQ_GENERATED_CONFIG_DIR: at('config'),
    RABBITMQ_PID_FILE: at('rabbitmq.pid'),
    RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: at('advanced.config'),
    RABBITMQ_CONF_ENV_FILE: at('rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
    // With this the script becomes the broker instead of standing before it; -noinput is given as an argument.
    RABBITMQ_ALLOW_INPUT: 'true',
    RABBITMQ_IGNORE_SIGINT: 'true',
    // Unbound schedulers, because several nodes share the machine; no busy waiting, because most of the time nothing happens.
    RABBITMQ_SCHEDULER_BIND_TYPE: 'u',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-noinput +B i +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP: '/dev/null',
  }
}

/** Tells the node apart from others in `ps`; the same folder is the same node, with the same data. */
export function nodeName(directory: string): string {
  return `tributary-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}@localhost`
}
