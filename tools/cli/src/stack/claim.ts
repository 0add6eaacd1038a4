import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { identify, isRunning, type ProcessIdentity, readJson } from '@tributary/servers'
import { home } from '../places.ts'

const file = join(home, 'supervisor.json')

/** Makes this process the one supervisor of this checkout; answers the one that is it already, if any. */
export function claim(): ProcessIdentity | undefined {
  const self = identify(process.pid)
  if (self === undefined) throw new Error('this process cannot see itself')
  for (;;) {
    try {
      // The `x` makes two commands started at the same instant agree on one of them.
      const handle = openSync(file, 'wx', 0o600)
      writeSync(handle, JSON.stringify(self))
      closeSync(handle)
      return undefined
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = supervisor()
    if (holder !== undefined) return holder
    rmSync(file, { force: true })
  }
}

/** The supervisor of this checkout, while it runs. */
export function supervisor(): ProcessIdentity | undefined {
  const holder = readJson<ProcessIdentity>(file)
  return holder !== undefined && isRunning(holder) ? holder : undefined
}

/** Gives the claim up, if it is this process's own. */
export function release(): void {
  if (readJson<ProcessIdentity>(file)?.pid === process.pid) rmSync(file, { force: true })
}
