import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { findRabbit, tail } from '@tributary/servers'
import { Failure } from '../arguments.ts'
import { places } from '../places.ts'

/**
 * Installs the distribution's package and leaves no server of it running or enabled: only the binaries are wanted. Debian starts
 * a server at installation unless /usr/sbin/policy-rc.d says no, so one that says no stands there meanwhile.
 */
const script = `set -e
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
had_epmd=; [ -e /usr/bin/epmd ] && had_epmd=yes
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y --no-install-recommends rabbitmq-server; }
install || { apt-get update && install; }
if command -v systemctl >/dev/null 2>&1; then
  systemctl disable rabbitmq-server.service || true
  [ -n "$had_epmd" ] || systemctl disable epmd.socket epmd.service || true
  if [ -d /run/systemd/system ]; then
    systemctl stop rabbitmq-server.service || true
    [ -n "$had_epmd" ] || systemctl stop epmd.socket epmd.service || true
  fi
fi
`

/** Runs apt-get, as root or through sudo, and answers the server's script. Its output goes to a log. */
export async function installRabbit(sudo: boolean): Promise<string> {
  const logFile = join(places.logs, 'apt.log')
  const log = openSync(logFile, 'a', 0o600)
  const [command, words] = sudo ? ['sudo', ['-n', 'sh', '-c', script]] : ['sh', ['-c', script]]
  try {
    const child = spawn(command as string, words as string[], { stdio: ['ignore', log, log] })
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    if (code !== 0) throw new Failure(`apt-get could not install rabbitmq-server (exit ${code}):\n${tail(logFile)}`)
  } finally {
    closeSync(log)
  }
  const found = findRabbit()
  if (found === undefined) throw new Failure(`rabbitmq-server was installed but is not to be found; see ${logFile}`)
  return found
}
