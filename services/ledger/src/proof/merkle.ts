import { createHash } from 'node:crypto'

/** A Merkle tree as in RFC 6962 (Certificate Transparency): leaves and nodes are hashed apart, so neither passes for the other. */
export type GrowingTree = Readonly<{
  add(leaf: Buffer): void
  size(): number
  root(): Buffer
}>

/** The hash of a leaf's bytes. */
export function leafHash(bytes: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(0)).update(bytes).digest()
}

/** A tree that keeps only what its root needs: one hash for each power of two. Leaves are given as hashes. */
export function newTree(): GrowingTree {
  const roots: { hash: Buffer; leaves: number }[] = []
  let size = 0
  return {
    size: () => size,
    add(leaf) {
      size++
      let hash = leaf
      let leaves = 1
      for (let last = roots.at(-1); last?.leaves === leaves; last = roots.at(-1)) {
        hash = nodeHash(last.hash, hash)
        leaves *= 2
        roots.pop()
      }
      roots.push({ hash, leaves })
    },
    root() {
      if (size === 0) return createHash('sha256').digest()
      return roots.map(({ hash }) => hash).reduceRight((right, left) => nodeHash(left, right))
    },
  }
}

/** The root over the hashes of leaves. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  const tree = newTree()
  for (const leaf of leaves) tree.add(leaf)
  return tree.root()
}

/** The hashes that lead from the leaf at `index` to the root, the leaf's neighbour first. */
export function pathOf(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length <= 1) return []
  const half = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)]
  return index < half ? [...pathOf(left, index), rootOf(right)] : [...pathOf(right, index - half), rootOf(left)]
}

/** The root that a leaf's path leads to in a tree of `size` leaves; null where the path cannot belong to such a tree. */
export function rootFromPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | null {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return null
  let [at, last] = [index, size - 1]
  let hash = leaf
  for (const neighbour of path) {
    if (last === 0 || neighbour.length !== 32) return null
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(neighbour, hash)
      // The last leaf of an uneven level has no neighbour there: it rises until it has one.
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)]
    } else {
      hash = nodeHash(hash, neighbour)
    }
    ;[at, last] = [Math.floor(at / 2), Math.floor(last / 2)]
  }
  return last === 0 ? hash : null
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest()
}

function largestPowerBelow(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}
