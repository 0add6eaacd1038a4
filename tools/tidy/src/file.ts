import { type Comment, type Program, parseSync } from 'oxc-parser'

/** Any node of a parsed file; which fields it has depends on `type`. */
export type Node = Readonly<{ type: string; start: number; end: number } & Record<string, unknown>>

export type Import = Readonly<{
  /** As written: `./money.ts`, `pg`, `@tributary/money`. */
  from: string
  /** What is taken, as its module names it; `*` for all of it. */
  names: readonly string[]
  at: number
}>

/** A file of the project; `path` is relative to its root, with forward slashes. */
export type ProjectFile = Readonly<{ path: string; text: string; syntax: Syntax | null }>
export type Syntax = Readonly<{ program: Program; comments: readonly Comment[]; imports: readonly Import[] }>

/** Takes a file apart. Text that is no TypeScript has no syntax; TypeScript that does not parse is an error. */
export function readProjectFile(path: string, text: string): ProjectFile {
  if (!path.endsWith('.ts')) return { path, text, syntax: null }
  const { program, comments, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path}: ${errors[0].message}`)
  return { path, text, syntax: { program, comments, imports: importsOf(program) } }
}

/** Calls `visit` for every node, outermost first, with the node that holds it. */
export function walk(root: Program | Node, visit: (node: Node, parent: Node | null) => void): void {
  const step = (node: Node, parent: Node | null) => {
    visit(node, parent)
    for (const key in node) {
      const child = node[key]
      if (Array.isArray(child)) {
        for (const each of child) if (isNode(each)) step(each, node)
      } else if (isNode(child)) step(child, node)
    }
  }
  step(root as unknown as Node, null)
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The line of an offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** How many lines a text has; a line break at its end starts no new one. */
export function lineCount(text: string): number {
  return lineAt(text, text.endsWith('\n') ? text.length - 1 : text.length)
}

function importsOf(program: Program): Import[] {
  const imports: Import[] = []
  walk(program, (node) => {
    const source = node.source
    if (!isNode(source) || typeof source.value !== 'string') return
    imports.push({ from: source.value, names: namesOf(node), at: node.start })
  })
  return imports
}

function namesOf(node: Node): string[] {
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []
  if (specifiers.length === 0) return ['*']
  return specifiers.map((specifier) => {
    const name = specifier.imported ?? specifier.local
    return specifier.type === 'ImportNamespaceSpecifier' || !isNode(name) ? '*' : String(name.name)
  })
}
