import { signal, stopProcess, waitUntilGone } from '@tributary/servers'
import { command, Failure } from '../arguments.ts'
import { homeExists } from '../places.ts'
import { claim, release, supervisor } from '../stack/claim.ts'
import { stopLeftovers } from '../stack/leftovers.ts'
import { purge } from '../stack/purge.ts'
import { readState, writeState } from '../stack/state.ts'

const help = `
Usage: ./tributary down [--purge]

Stops what ./tributary up started in this checkout, and nothing else. Servers given by DATABASE_URL or AMQP_URL go on running.

  --purge   also remove the local data, secrets and logs; on servers that are not ours, only Tributary's databases, roles,
            users and virtual host are dropped
`

/** Services drain for up to 28 s, then the servers stop. */
const stopTimeoutMs = 90_000

export const down = command({
  name: 'down',
  summary: 'stop what up started',
  help,
  options: { purge: { type: 'boolean', default: false } },
  async run({ purge: alsoData }) {
    if (!homeExists()) {
      if (alsoData) await purge(console.log)
      console.log('Nothing is running and there is no local data.')
      return 0
    }
    const running = await stopSupervisor()
    // Held while cleaning up, so that an `up` that waits for our end does not find its new servers taken for left ones.
    const other = claim()
    if (other !== undefined) throw new Failure(`Tributary was started again meanwhile (pid ${other.pid}): left alone`)
    try {
      // Also after a clean stop: a supervisor that was killed leaves its children.
      const left = await stopLeftovers(console.log)
      const state = readState()
      if (state !== undefined && state.phase !== 'stopped') writeState({ ...state, phase: 'stopped' })
      console.log(running || left ? 'Stopped.' : 'Nothing was running.')
      if (alsoData) {
        await purge(console.log)
        console.log('Local data, secrets and logs are removed.')
      }
    } finally {
      release()
    }
    return 0
  },
})

async function stopSupervisor(): Promise<boolean> {
  const holder = supervisor()
  if (holder === undefined) return false
  console.log(`Stopping Tributary (pid ${holder.pid}) ...`)
  signal(holder, 'SIGTERM')
  if (!(await waitUntilGone(holder, stopTimeoutMs))) {
    console.log('It does not stop in time: ending it, then what it started.')
    await stopProcess(holder, { first: 'SIGKILL' })
  }
  return true
}
