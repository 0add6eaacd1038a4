import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Reads a JSON file; undefined when it is missing or torn, which callers treat as "we remember nothing". */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** The lines of a file; none when it is missing. */
export function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** Writes a JSON file only its owner can read, whole or not at all. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.new`
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(temporary, path)
}

/** A secret that is safe in URLs, shell words and configuration files: 192 bits, letters and digits, `-` and `_`. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url')
}

/** The end of a log, for an error message; empty when there is none. */
export function tail(path: string, lines = 15): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}

/** The first folder on the way to `path` (itself included) that `userId` may not pass through; undefined when the way is clear. */
export function firstClosedFolder(path: string, userId: number, groupId: number): string | undefined {
  const parent = dirname(path)
  if (parent !== path) {
    const above = firstClosedFolder(parent, userId, groupId)
    if (above !== undefined) return above
  }
  const { mode, uid, gid } = statSync(path)
  const needed = uid === userId ? 0o100 : gid === groupId ? 0o010 : 0o001
  return (mode & needed) === 0 ? path : undefined
}
