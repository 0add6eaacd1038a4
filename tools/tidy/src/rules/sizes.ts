import { isNode, lineAt, lineCount, type Node, type ProjectFile, walk } from '../file.ts'
import { placeOf } from '../place.ts'
import type { Complaint, Rule } from '../rule.ts'

export const functionLinesMax = 60

/** What may be longer than its budget: how long it is, and why. A ratchet: `lines` is only ever lowered. */
export type Exemption = Readonly<{ lines: number; why: string }>
export type Exemptions = Readonly<Record<string, Exemption>>

/** The most lines a file should have, by where it stands. */
export function fileLinesMax(path: string): number {
  const { kind, layer, isTest } = placeOf(path)
  if (isTest) return 400
  // Written by a program from what has its own budget.
  if (layer === 'generated') return Number.POSITIVE_INFINITY
  if (path.endsWith('/src/main.ts')) return kind === 'service' ? 15 : 250
  if (kind !== 'service') return 250
  if (path.endsWith('/src/app.ts')) return 80
  if (layer === 'domain' || layer === 'store') return 200
  return ['http', 'messages', 'jobs'].includes(layer) ? 120 : 200
}

/** Files keep to their budget, or to what `exempt` (by path) concedes. */
export function fileLength(exempt: Exemptions): Rule {
  return {
    name: 'file-length',
    why: 'when a file grows past its room, the design is asking for something: find it',
    check(file) {
      if (file.syntax === null) return []
      return overBudget(lineCount(file.text), fileLinesMax(file.path), exempt[file.path], 'the file', 0)
    },
  }
}

/** Functions keep to 60 lines, or to what `exempt` (by `path#name`) concedes. Those of tests are not counted: they are lists. */
export function functionLength(exempt: Exemptions): Rule {
  return {
    name: 'function-length',
    why: 'a function fits one screen; a flat list of refusals may be longer, by name and with its reason',
    check: (file) =>
      functionsOf(file).flatMap(({ name, lines, at }) =>
        overBudget(lines, functionLinesMax, exempt[`${file.path}#${name}`], name, at),
      ),
  }
}

/** Exemptions that name a file or a function that is no longer there. */
export function staleExemptions(exempt: Exemptions, files: readonly ProjectFile[]): string[] {
  const known = new Set(
    files.flatMap((file) => [file.path, ...functionsOf(file).map(({ name }) => `${file.path}#${name}`)]),
  )
  return Object.keys(exempt).filter((key) => !known.has(key))
}

function functionsOf(file: ProjectFile): { name: string; lines: number; at: number }[] {
  const functions: { name: string; lines: number; at: number }[] = []
  if (file.syntax === null || placeOf(file.path).isTest) return functions
  walk(file.syntax.program, (node, parent) => {
    if (!/Function(Declaration|Expression)$/.test(node.type)) return
    const lines = lineAt(file.text, node.end) - lineAt(file.text, node.start) + 1
    functions.push({ name: nameOf(node, parent), lines, at: node.start })
  })
  return functions
}

function overBudget(
  lines: number,
  budget: number,
  conceded: Exemption | undefined,
  name: string,
  at: number,
): Complaint[] {
  if (conceded === undefined) {
    return lines > budget ? [{ at, what: `${name} has ${lines} lines, ${budget} is the most` }] : []
  }
  if (lines > conceded.lines)
    return [{ at, what: `${name} has grown to ${lines} lines; ${conceded.lines} were conceded` }]
  if (lines < conceded.lines)
    return [{ at, what: `${name} has shrunk to ${lines} lines: lower the ${conceded.lines} conceded to it` }]
  return []
}

function nameOf(node: Node, parent: Node | null): string {
  for (const holder of [node.id, parent?.id, parent?.key]) {
    if (isNode(holder) && typeof holder.name === 'string') return holder.name
  }
  return 'a function'
}
