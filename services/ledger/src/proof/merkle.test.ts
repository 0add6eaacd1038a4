import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafHash, newTree, pathOf, rootFromPath, rootOf } from './merkle.ts'

const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)))

/** The vectors of Certificate Transparency's own tests (RFC 6962): inputs, and the roots over the first 1 to 8 of them. */
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

test('the tree is that of RFC 6962', () => {
  const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')))
  expect(roots.map((_, index) => rootOf(leaves.slice(0, index + 1)).toString('hex'))).toEqual(roots)
  expect(rootOf([]).toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

test('every leaf of every tree of 1 to 300 leaves proves that it is one', () => {
  const tree = newTree()
  const leaves: Buffer[] = []
  for (const leaf of leavesOf(300)) {
    tree.add(leaf)
    leaves.push(leaf)
    const root = tree.root()
    // All leaves of the small trees; of the large ones the ends and some between.
    const step = leaves.length <= 32 ? 1 : 37
    for (let index = 0; index < leaves.length; index += step) proves(index)
    proves(leaves.length - 1)

    function proves(index: number): void {
      const path = pathOf(leaves, index)
      expect(rootFromPath(leaves[index]!, index, leaves.length, path)).toEqual(root)
    }
  }
})

const trees = fc
  .integer({ min: 1, max: 300 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat({ max: size - 1 }) }))

test('no flipped bit of leaf or path, no other place, and no path cut or stretched proves anything', () => {
  fc.assert(
    fc.property(trees, fc.nat(), fc.nat(), ({ size, index }, where, bit) => {
      const leaves = leavesOf(size)
      const root = rootOf(leaves).toString('hex')
      const path = pathOf(leaves, index)
      const rootBy = (leaf: Buffer, at: number, of: number, by: readonly Buffer[]) =>
        rootFromPath(leaf, at, of, by)?.toString('hex')
      expect(rootBy(leaves[index]!, index, size, path)).toBe(root)
      const hashes = [leaves[index]!, ...path]
      const [leaf, ...flipped] = hashes.map((hash, at) => (at === where % hashes.length ? flip(hash, bit % 256) : hash))
      expect(rootBy(leaf!, index, size, flipped)).not.toBe(root)
      expect(rootBy(leaves[index]!, index, size, path.slice(0, -1)) === root).toBe(size === 1)
      expect(rootBy(leaves[index]!, index, size, [...path, leaves[0]!])).not.toBe(root)
      for (const other of [index - 1, index + 1, size]) {
        expect(rootBy(leaves[index]!, other, size, path), `${index} as ${other} of ${size}`).not.toBe(root)
      }
    }),
    { numRuns: 300 },
  )
})

function flip(hash: Buffer, bit: number): Buffer {
  const copy = Buffer.from(hash)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}
