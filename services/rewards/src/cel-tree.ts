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

/** A path compared with constants, written `path operator constants`; more than one only after `in`. */
export type Comparison = Readonly<{
  path: string
  operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in'
  constants: readonly (string | number)[]
  at: number
}>

const mirrored = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const
const isMirrored = (op: string): op is keyof typeof mirrored => Object.hasOwn(mirrored, op)

/** Every comparison of a path with constants, whichever side they stand on. */
export function comparisonsIn(node: ASTNode): Comparison[] {
  const inner = childrenOf(node).flatMap(comparisonsIn)
  if (node.op !== 'in' && !isMirrored(node.op)) return inner
  const [left, right] = (node as { args: unknown }).args as [ASTNode, ASTNode]
  const found = (path: string | null, operator: Comparison['operator'], constants: Comparison['constants'] | null) =>
    path === null || constants === null ? inner : [{ path, operator, constants, at: node.pos }, ...inner]
  if (node.op === 'in') return found(pathOf(left), 'in', listOf(right))
  const constant = constantOf(right)
  if (constant !== null) return found(pathOf(left), node.op, [constant])
  const first = constantOf(left)
  return found(pathOf(right), mirrored[node.op], first === null ? null : [first])
}

function listOf(node: ASTNode): (string | number)[] | null {
  if (node.op !== 'list') return null
  const constants = childrenOf(node).map(constantOf)
  return constants.every((one) => one !== null) ? constants : null
}

function constantOf(node: ASTNode): string | number | null {
  const { args } = node as { args: unknown }
  if (node.op === '-_') {
    const number = constantOf(args as ASTNode)
    return typeof number === 'number' ? -number : null
  }
  if (node.op !== 'value') return null
  if (typeof args === 'bigint') return Number(args)
  return typeof args === 'string' || typeof args === 'number' ? args : null
}

/** Where fields of an event are asked for by names that are put together only when the expression is asked. */
export function unnamedFieldsIn(node: ASTNode): number[] {
  const inner = childrenOf(node).flatMap(unnamedFieldsIn)
  if (node.op !== '[]') return inner
  const [owner, key] = (node as { args: unknown }).args as [ASTNode, ASTNode]
  return key.op === 'value' || !pathOf(owner)?.startsWith('event.') ? inner : [node.pos, ...inner]
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
