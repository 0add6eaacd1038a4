import type { ProjectFile } from '../file.ts'
import { placeOf } from '../place.ts'
import type { Rule } from '../rule.ts'

const patternRule = (
  name: string,
  why: string,
  pattern: RegExp,
  applies: (file: ProjectFile) => boolean = () => true,
): Rule => ({
  name,
  why,
  check: (file) =>
    applies(file)
      ? [...file.text.matchAll(pattern)].map((match) => ({ at: match.index, what: `has "${match[0].trim()}"` }))
      : [],
})

/** Texts that others wrote, or that must name what they forbid. */
const isOwnText = ({ path }: ProjectFile) => path !== 'LICENSE' && !path.startsWith('tools/tidy/src/rules/')
const isSource = (file: ProjectFile) => file.syntax !== null && isOwnText(file)

const unfinished = patternRule(
  'nothing-left-for-later',
  'a note to oneself is read by nobody: do it, or open an issue',
  /\b(TODO|FIXME|HACK)\b/g,
  (file) => isOwnText(file) && file.path !== 'package-lock.json',
)

const narrowed = patternRule(
  'every-test-runs',
  'a test left out looks like one that passes (skipIf, with its condition, is counted as skipped and may stay)',
  /\b(it|test|describe|suite)(\.\w+)*\.(only|skip|todo)\b/g,
  (file) => isSource(file) && placeOf(file.path).isTest,
)

const machines = patternRule(
  'no-path-of-a-machine',
  'it exists on one machine only',
  /(?<![\w.~:/-])\/(home|Users|root|work|workspace|mnt)\/[\w.-]+/g,
  (file) => isOwnText(file),
)

const registries = patternRule(
  'no-registry-host',
  'packages come from where the reader’s npm is told to look; .npmrc keeps hosts out of the lock file',
  /"resolved": "https?:|(^|\n)\s*(@[\w-]+:)?registry\s*=/g,
  (file) => /(^|\/)(package-lock\.json|\.npmrc)$/.test(file.path),
)

const vague = new Set(['common', 'shared', 'util', 'utils', 'core', 'helper', 'helpers', 'misc'])

const folders: Rule = {
  name: 'folders-say-what-they-hold',
  why: 'a folder that can hold anything soon does',
  check: ({ path }) =>
    path
      .split('/')
      .map((word) => word.replace(/\.\w+$/, ''))
      .filter((word) => vague.has(word))
      .map((word) => ({ at: 0, what: `is named ${word}` })),
}

/** What may stand in a text, and what files may be called. */
export const wordRules: readonly Rule[] = [unfinished, narrowed, machines, registries, folders]
