import { isRunning, type ProcessIdentity } from '@tributary/servers'

export interface Watched {
  readonly processes: readonly ProcessIdentity[]
}

const lookEveryMs = 1_000
const retryAfterMs = 5_000

/**
 * Starts a server of ours again when its main process is gone. Services reconnect by themselves, so nothing else need be told.
 * Servers that are not ours have no processes here and are left alone. Answers the way to call it off.
 */
export function keepRunning<S extends Watched>(
  server: S,
  restart: () => Promise<S>,
  onRestart: (server: S) => void,
): () => Promise<void> {
  let current = server
  let over = false
  let restarting: Promise<void> | undefined
  let notBefore = 0

  const look = () => {
    const [main] = current.processes
    if (over || main === undefined || restarting !== undefined || isRunning(main) || Date.now() < notBefore) return
    restarting = restart()
      .then((again) => {
        current = again
        onRestart(again)
      })
      .catch((error: unknown) => {
        console.error(`a server could not be started again, next try in ${retryAfterMs / 1000} s: ${String(error)}`)
        notBefore = Date.now() + retryAfterMs
      })
      .finally(() => {
        restarting = undefined
      })
  }
  const timer = setInterval(look, lookEveryMs)
  return async () => {
    over = true
    clearInterval(timer)
    await restarting
  }
}
