import { faultsOfCheckpoint } from './checkpoint.ts'
import type { PublicKey } from './keys.ts'
import { decodeLine, encodeLine, splitLines } from './lines.ts'
import type { CheckpointRow } from './rows.ts'

/** A line of an anchor file: a checkpoint just as an export has it. */
export const anchorLine = (row: CheckpointRow): string => encodeLine(row)

/**
 * Reads an anchor file line by line. Several processes may write it, and any of them may be killed: a line may come again, word for word, and
 * the beginning of a line may stand before the whole of it. Everything else that is no checkpoint, properly signed, is a fault.
 */
export function newAnchorReader(keys: readonly PublicKey[]): Readonly<{
  /** The checkpoint in a line; a text where the line proves nothing; null where it may be a torn one, which the next line decides. */
  read(line: string): CheckpointRow | string | null
  /** What stands at the end unfinished: the last writer was killed, and nothing came after it. */
  torn(): string | null
}> {
  let torn: string[] = []
  let last = 0n
  return {
    read(line) {
      const row = decodeLine(line)
      if (typeof row === 'string') {
        torn.push(line)
        return torn.length > TORN_MAX ? 'many lines that are no checkpoints' : null
      }
      const before = torn
      torn = []
      if (row.type !== 'checkpoint') return `a line that is no checkpoint (${row.type})`
      if (before.some((part) => !line.startsWith(part)))
        return `a line before checkpoint ${row.sequence} that is no part of it`
      // By itself only: what came before it may stand in another file.
      const fault = faultsOfCheckpoint(row, null, keys).find(
        (one) => one.startsWith('has ') || one.startsWith('is signed'),
      )
      if (fault !== undefined) return `checkpoint ${row.sequence} ${fault}`
      const sequence = BigInt(row.sequence)
      if (last > 0n && sequence > last + 1n) {
        const missing = `checkpoint ${last + 1n} is missing before ${sequence}`
        last = sequence
        return missing
      }
      if (sequence > last) last = sequence
      return row
    },
    torn: () => torn.at(-1) ?? null,
  }
}

/** A writer that is killed each time it comes back is a fault of its own. */
const TORN_MAX = 100

/** What is remembered of anchored checkpoints, in about 40 bytes each: a year of minutes fits into 21 MB. */
export type Anchored = Readonly<{
  /** False where the sequence was anchored with another content. */
  add(row: CheckpointRow): boolean
  hashOf(sequence: bigint): string | null
  signedAtOf(sequence: bigint): string
  last(): bigint
  first(): bigint
}>

export function newAnchored(): Anchored {
  let [first, last] = [0n, 0n]
  let hashes = Buffer.alloc(32 * 1_024)
  let signed = new Float64Array(1_024)
  const placeOf = (sequence: bigint) => Number(sequence - first)

  function grow(): void {
    hashes = Buffer.concat([hashes, Buffer.alloc(hashes.length)])
    const more = new Float64Array(signed.length * 2)
    more.set(signed)
    signed = more
  }
  const hashOf = (sequence: bigint) => {
    if (sequence < first || sequence > last || last === 0n) return null
    return hashes.toString('hex', placeOf(sequence) * 32, placeOf(sequence) * 32 + 32)
  }
  return {
    first: () => first,
    last: () => last,
    hashOf,
    signedAtOf: (sequence) => new Date(signed[placeOf(sequence)] ?? 0).toISOString(),
    add(row) {
      const sequence = BigInt(row.sequence)
      if (last === 0n) first = sequence
      const known = hashOf(sequence)
      if (known !== null) return known === row.hash
      // Before the first, or after a hole that was named already.
      if (sequence !== (last === 0n ? first : last + 1n)) return sequence > last
      while (placeOf(sequence) >= signed.length) grow()
      hashes.write(row.hash, placeOf(sequence) * 32, 'hex')
      signed[placeOf(sequence)] = Date.parse(row.signedAt)
      last = sequence
      return true
    },
  }
}

/** Reads an anchor file whole; what is wrong with it is told. */
export async function readAnchor(
  file: AsyncIterable<Uint8Array>,
  keys: readonly PublicKey[],
  broke: (what: string) => void,
): Promise<Anchored> {
  const [reader, anchored] = [newAnchorReader(keys), newAnchored()]
  try {
    for await (const line of splitLines(file)) {
      const row = reader.read(line)
      if (typeof row === 'string') broke(row)
      else if (row !== null && !anchored.add(row))
        broke(`checkpoint ${row.sequence} was anchored twice, each time as another`)
    }
  } catch (error) {
    broke(`the anchor cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  return anchored
}

/** Names anchored checkpoints that an export lacks although they were signed before it was made: its end was cut off. */
export function checkAgainstAnchor(
  anchored: Anchored,
  { last, exportedAt }: Readonly<{ last: bigint; exportedAt: string | null }>,
  broke: (what: string) => void,
): void {
  for (let sequence = last + 1n; sequence <= anchored.last(); sequence++) {
    if (sequence < anchored.first()) continue
    const signedAt = anchored.signedAtOf(sequence)
    // Within the same millisecond it may have been signed after the export. Compared as times: their digits differ in number.
    if (exportedAt !== null && Date.parse(signedAt) >= Date.parse(exportedAt)) return
    broke(`checkpoint ${sequence} was signed at ${signedAt} and is missing: the end was cut off`)
  }
}
