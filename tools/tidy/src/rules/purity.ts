import { isNode, type Node, type ProjectFile, walk } from '../file.ts'
import { placeOf } from '../place.ts'
import type { Complaint, Rule } from '../rule.ts'

/** `Date.now`, `process.env`, or '' for anything else. */
function memberPath(node: Node): string {
  if (node.type !== 'MemberExpression' || !isNode(node.object) || !isNode(node.property)) return ''
  return node.object.type === 'Identifier' && node.computed !== true
    ? `${String(node.object.name)}.${String(node.property.name)}`
    : ''
}

function isFreshDate(node: Node): boolean {
  const isDate = isNode(node.callee) && node.callee.type === 'Identifier' && node.callee.name === 'Date'
  return isDate && (node.type === 'CallExpression' || (node.type === 'NewExpression' && isEmpty(node.arguments)))
}

const isEmpty = (list: unknown) => Array.isArray(list) && list.length === 0

const sourceRule = (
  name: string,
  why: string,
  applies: (file: ProjectFile) => boolean,
  wrong: (node: Node, parent: Node | null) => string | null,
): Rule => ({
  name,
  why,
  check(file) {
    const complaints: Complaint[] = []
    if (file.syntax === null || !applies(file)) return complaints
    walk(file.syntax.program, (node, parent) => {
      const what = wrong(node, parent)
      if (what !== null) complaints.push({ at: node.start, what })
    })
    return complaints
  },
})

const impureGlobals = [
  'process',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'crypto',
  'performance',
]

const isPropertyName = (node: Node, parent: Node | null) =>
  parent !== null &&
  (parent.property === node || parent.key === node) &&
  parent.computed !== true &&
  parent.shorthand !== true

const domain = sourceRule(
  'domain-is-pure',
  'domain/ gives the same answer for the same values, so replays, simulations and tests can be believed; time and ids are handed in, refusals are values',
  (file) => placeOf(file.path).layer === 'domain' && !placeOf(file.path).isTest,
  (node, parent) => {
    if (node.async === true) return 'is async'
    if (node.type === 'AwaitExpression') return 'awaits'
    if (node.type === 'ThrowStatement') return 'throws'
    if (isFreshDate(node)) return 'reads the clock'
    const path = memberPath(node)
    if (path === 'Date.now' || path === 'Math.random') return `uses ${path}`
    if (node.type !== 'Identifier' || isPropertyName(node, parent)) return null
    return impureGlobals.includes(String(node.name)) ? `uses ${String(node.name)}` : null
  },
)

const clock = sourceRule(
  'the-kit-reads-the-clock',
  'time and ids are arguments (now, newId), so that a test can move the clock and a replay decides as the first time',
  (file) =>
    placeOf(file.path).kind === 'service' && placeOf(file.path).layer !== 'domain' && !placeOf(file.path).isTest,
  (node) => {
    if (isFreshDate(node)) return 'reads the clock'
    const path = memberPath(node)
    if (['Date.now', 'Math.random', 'crypto.randomUUID'].includes(path)) return `uses ${path}`
    const isCall = node.type === 'CallExpression' && isNode(node.callee) && node.callee.name === 'randomUUID'
    return isCall ? 'makes an id of its own' : null
  },
)

const environment = sourceRule(
  'config-reads-the-environment',
  'only config.ts and main.ts do, so that every variable is declared, described and checked at the start, all complaints at once',
  (file) => {
    const { kind, isTest } = placeOf(file.path)
    const mayRead = /(^|\/)(config|main)\.ts$/.test(file.path) || kind === 'tool' || kind === 'root' || isTest
    return !mayRead
  },
  (node) => (memberPath(node) === 'process.env' ? 'reads process.env' : null),
)

const publishing = sourceRule(
  'store-does-not-publish',
  'what a store published could not be seen where the decision is made',
  (file) => placeOf(file.path).kind === 'service' && placeOf(file.path).layer === 'store' && !placeOf(file.path).isTest,
  (node) =>
    node.type === 'CallExpression' &&
    isNode(node.callee) &&
    node.callee.type === 'Identifier' &&
    node.callee.name === 'publish'
      ? 'publishes'
      : null,
)

const defaults = sourceRule(
  'no-default-exports',
  'a thing has one name everywhere, so that a search for it finds all of it',
  (file) => !file.path.endsWith('vitest.config.ts'),
  (node) => (node.type === 'ExportDefaultDeclaration' ? 'has a default export' : null),
)

const any: Rule = {
  name: 'any-is-explained',
  why: 'an `any` switches the checker off for all it touches; a comment on its line or the one above says why it must',
  check(file) {
    const complaints: Complaint[] = []
    if (file.syntax === null) return complaints
    const { comments, program } = file.syntax
    walk(program, (node) => {
      if (node.type !== 'TSAnyKeyword') return
      const lineStart = file.text.lastIndexOf('\n', node.start) + 1
      const above = file.text.lastIndexOf('\n', lineStart - 2) + 1
      const lineEnd = file.text.indexOf('\n', node.end)
      const isExplained = comments.some(({ end, start }) => end > above && (lineEnd === -1 || start < lineEnd))
      if (!isExplained) complaints.push({ at: node.start, what: 'has an unexplained any' })
    })
    return complaints
  },
}

/** What code may touch besides its arguments. */
export const purityRules: readonly Rule[] = [domain, clock, environment, publishing, defaults, any]
