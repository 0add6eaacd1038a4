import { posix } from 'node:path'
import type { Import, ProjectFile } from './file.ts'

/** Where in the house a file stands, read off its path. */
export type Place = Readonly<{
  /** `libs/money`, `services/rewards`, `journeys`, `tools/cli`; '' for the root. */
  folder: string
  kind: 'library' | 'service' | 'journeys' | 'deploy' | 'tool' | 'root'
  /** The last word of `folder`. */
  name: string
  /** The folder under `src/`: `domain`, `store`, `http`; '' for files right in `src/` and outside it. */
  layer: string
  /** Tests, and what exists for them alone. */
  isTest: boolean
}>

const kinds: Readonly<Record<string, Place['kind']>> = {
  libs: 'library',
  services: 'service',
  tools: 'tool',
  deploy: 'deploy',
}

export function placeOf(path: string): Place {
  const words = path.split('/')
  const top = words[0] ?? ''
  const kind = words.length > 2 ? kinds[top] : undefined
  const isTest =
    path.endsWith('.test.ts') || words.includes('test') || top === 'journeys' || path.startsWith('libs/testing/')
  if (kind === undefined) {
    const isJourney = top === 'journeys'
    return {
      folder: isJourney ? top : '',
      kind: isJourney ? 'journeys' : 'root',
      name: isJourney ? top : '',
      layer: '',
      isTest,
    }
  }
  const name = words[1] ?? ''
  const layer = words[2] === 'src' && words.length > 4 ? (words[3] ?? '') : ''
  return { folder: `${top}/${name}`, kind, name, layer, isTest }
}

/** The path a relative import leads to, or null where it names a package. */
export function targetOf(file: ProjectFile, one: Import): string | null {
  return one.from.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file.path), one.from)) : null
}

/** The package of an import: `pg`, `@tributary/money`; null for relative ones and for what Node brings. */
export function packageOf(one: Import): string | null {
  if (one.from.startsWith('.') || one.from.startsWith('node:')) return null
  const words = one.from.split('/')
  return words.slice(0, one.from.startsWith('@') ? 2 : 1).join('/')
}
