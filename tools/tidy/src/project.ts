import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lineCount, type ProjectFile, readProjectFile } from './file.ts'

/** The project's root folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

const notOurs = new Set(['node_modules', '.git', '.tributary', '.turbo', 'coverage'])
const isText =
  /\.(ts|json|md|sql|sh|ya?ml|conf|css|html|txt|mmd)$|(^|\/)(tributary|run|LICENSE|Dockerfile|\.\w+(ignore|rc))$/

/** Every text file of the project, as it lies on disk, committed or not. */
export function readProject(): ProjectFile[] {
  return listFiles(root)
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => isText.test(path))
    .sort()
    .map((path) => readProjectFile(path, readFileSync(join(root, path), 'utf8')))
}

/** The longest source files, longest first: where to look when something feels heavy. */
export function longest(files: readonly ProjectFile[], count: number): { path: string; lines: number }[] {
  return files
    .filter((file) => file.syntax !== null)
    .map((file) => ({ path: file.path, lines: lineCount(file.text) }))
    .sort((one, other) => other.lines - one.lines)
    .slice(0, count)
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (notOurs.has(entry.name)) return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? listFiles(path) : entry.isFile() ? [path] : []
  })
}
