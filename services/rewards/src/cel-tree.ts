import type { ASTNode } from '@marcbachmann/cel-js'

/** A function called in an expression, and where. */
export type Call = Readonly<{ name: string; at: number; argumentCount: number; isMethod: boolean }>

/** Every function that an expression calls. */
export function callsIn(node: ASTNode): Call[] {
  const inner = childrenOf(node).flatMap(callsIn)
  const { args } = node as { args: unknown }
  if (node.op === 'call') {
    const [name, given] = args as [string, ASTNode[]]
    return [{ name, at: node.pos, argumentCount: given.length, isMethod: false }, ...inner]
  }
  if (node.op === 'rcall') {
    const [name, , given] = args as [string, ASTNode, ASTNode[]]
    return [{ name, at: node.pos, argumentCount: given.length, isMethod: true }, ...inner]
  }
  return inner
}

/** The longest paths that an expression looks at: `event.data.productId`, not `event.data` besides. */
export function pathsIn(node: ASTNode): string[] {
  const path = pathOf(node)
  return path === null ? childrenOf(node).flatMap(pathsIn) : path.includes('.') ? [path] : []
}

function pathOf(node: ASTNode): string | null {
  const { args } = node as { args: unknown }
  if (node.op === 'id') return String(args)
  if (node.op === '.') {
    const [owner, name] = args as [ASTNode, string]
    const before = pathOf(owner)
    return before === null ? null : `${before}.${name}`
  }
  if (node.op !== '[]') return null
  const [owner, key] = args as [ASTNode, ASTNode]
  const before = pathOf(owner)
  const name = (key as { args: unknown }).args
  return before !== null && key.op === 'value' && typeof name === 'string' ? `${before}.${name}` : null
}

function childrenOf(node: ASTNode): ASTNode[] {
  const children: ASTNode[] = []
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) collect(one)
    else if (isNode(value)) children.push(value)
  }
  collect((node as { args: unknown }).args)
  return children
}

const isNode = (value: unknown): value is ASTNode => typeof value === 'object' && value !== null && 'op' in value
