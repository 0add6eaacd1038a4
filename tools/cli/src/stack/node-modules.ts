import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readJson } from '@tributary/servers'
import { Failure, refusedToInstall } from '../arguments.ts'
import { root } from '../places.ts'

interface Lock {
  readonly packages: Readonly<Record<string, { version?: string; link?: boolean; optional?: boolean }>>
}

/** The first package whose installed version is not the locked one; undefined when node_modules is as it should be. */
export function stalePackage(): string | undefined {
  const wanted = readJson<Lock>(join(root, 'package-lock.json'))
  const installed = readJson<Lock>(join(root, 'node_modules', '.package-lock.json'))
  if (wanted === undefined) return undefined
  if (installed === undefined) return 'node_modules is incomplete'
  for (const [path, { version, link, optional }] of Object.entries(wanted.packages)) {
    // Workspaces are not installed but linked; optional ones are for other platforms.
    if (!path.startsWith('node_modules/') || link === true || optional === true) continue
    const found = installed.packages[path]?.version
    if (found !== version) return `${path.slice('node_modules/'.length)}: ${found ?? 'missing'}, locked is ${version}`
  }
  return undefined
}

/** Brings node_modules up to the lock file and starts this command again with what is then there. */
export function ensureNodeModules(mayInstall: boolean): void {
  const stale = stalePackage()
  if (stale === undefined) return
  if (!mayInstall)
    throw new Failure(`npm packages are out of date (${stale}) and --no-install forbids: npm ci`, refusedToInstall)
  if (process.env.TRIBUTARY_INSTALLED !== undefined) throw new Failure(`npm ci ran, and still: ${stale}`)
  console.log(`npm packages are out of date (${stale}): npm ci`)
  const installed = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' })
  if (installed.status !== 0) throw new Failure('npm ci failed; its own message is above')
  const env = { ...process.env, TRIBUTARY_INSTALLED: '1' }
  // The running program's own file was replaced.
  const node = join(root, 'node_modules', '.bin', 'node')
  const again = spawnSync(node, process.argv.slice(1), { stdio: 'inherit', env })
  process.exit(again.status ?? 1)
}
