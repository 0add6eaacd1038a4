import { accessSync, constants, existsSync, globSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'

/** Debian keeps the server's own script here; `/usr/sbin/rabbitmq-server` only leads to a wrapper that switches users. */
const knownPlaces = [
  '/usr/lib/rabbitmq/bin/rabbitmq-server',
  '/opt/homebrew/sbin/rabbitmq-server',
  '/usr/local/sbin/rabbitmq-server',
]

/** The machine's `rabbitmq-server` script, the one any user may run; undefined when there is none. */
export function findRabbit(): string | undefined {
  for (const found of [...candidatesOnPath('rabbitmq-server'), ...knownPlaces]) {
    if (!isExecutable(found)) continue
    const real = realpathSync(found)
    if (basename(real) === 'rabbitmq-script-wrapper') continue
    return real
  }
  return globSync('/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server').find(isExecutable)
}

/** Erlang's port mapper, started by us so that it is ours to end; undefined: the broker will start one itself. */
export function findEpmd(): string | undefined {
  const known = ['/usr/lib/erlang/bin/epmd', '/opt/homebrew/bin/epmd', '/usr/local/bin/epmd']
  return [...candidatesOnPath('epmd'), ...known].find(isExecutable)
}

/** The version in the installation's folder name, for people to read. */
export function rabbitVersion(script: string): string | undefined {
  return /rabbitmq_server-([^/]+)/.exec(dirname(script))?.[1]
}

function candidatesOnPath(name: string): string[] {
  // sbin is not on everybody's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
