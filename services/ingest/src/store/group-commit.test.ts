import { describe, expect, it } from 'vitest'
import { GaveUp, GroupCommit } from './group-commit.ts'

/** A database that commits when told to. */
function newSlowDatabase() {
  const batches: { entries: readonly number[]; end: (error?: Error) => void }[] = []
  const commit = (entries: readonly number[]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      batches.push({
        entries,
        end: (error) => (error ? reject(error) : resolve(entries.map((entry) => entry * 10))),
      })
    })
  return { batches, commit, sizes: () => batches.map((batch) => batch.entries.length) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const usual = { batchMax: 3, inFlightMax: 2, waitingMax: 100, patienceMs: 60_000 }

describe('a group commit', () => {
  it('takes what came in one turn together, and keeps at most so many batches on their way', async () => {
    const database = newSlowDatabase()
    const group = new GroupCommit({ ...usual, commit: database.commit })
    const answers = [1, 2].map((entry) => group.submit(entry))
    await turn()
    expect(database.sizes()).toEqual([2])
    const later = [3, 4, 5, 6, 7, 8, 9].map((entry) => group.submit(entry))
    await turn()
    expect(database.sizes()).toEqual([2, 3])
    database.batches[0]!.end()
    expect(await Promise.all(answers)).toEqual([10, 20])
    await turn()
    expect(database.sizes()).toEqual([2, 3, 3])
    database.batches[1]!.end()
    database.batches[2]!.end()
    await turn()
    database.batches[3]!.end()
    expect(await Promise.all(later)).toEqual([30, 40, 50, 60, 70, 80, 90])
  })

  it('that fails tells everybody in it, and goes on with the others', async () => {
    const database = newSlowDatabase()
    const group = new GroupCommit({ ...usual, batchMax: 1, commit: database.commit })
    const [first, second] = [group.submit(1), group.submit(2)]
    await turn()
    database.batches[0]!.end(new Error('away'))
    database.batches[1]!.end()
    await expect(first).rejects.toThrow('away')
    await expect(second).resolves.toBe(20)
  })

  it('turns away what would wait too long', async () => {
    const database = newSlowDatabase()
    const group = new GroupCommit({ ...usual, waitingMax: 1, commit: database.commit })
    void group.submit(1)
    await expect(group.submit(2)).rejects.toThrow(GaveUp)
  })

  it('gives up a batch that takes too long and what waited behind it, and then goes on', async () => {
    const database = newSlowDatabase()
    const group = new GroupCommit({ ...usual, batchMax: 1, patienceMs: 20, commit: database.commit })
    const answers = [1, 2, 3].map((entry) => group.submit(entry))
    const ends = await Promise.allSettled(answers)
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected', 'rejected'])
    // The third had waited too long to be tried at all.
    expect(database.sizes()).toEqual([1, 1])
    const next = group.submit(4)
    await turn()
    database.batches.at(-1)!.end()
    await expect(next).resolves.toBe(40)
  })

  it('is drained when everything is answered', async () => {
    const database = newSlowDatabase()
    const group = new GroupCommit({ ...usual, batchMax: 1, commit: database.commit })
    const answers = Promise.all([1, 2, 3].map((entry) => group.submit(entry)))
    let isDrained = false
    const drained = group.drain().then(() => {
      isDrained = true
    })
    for (const index of [0, 1, 2]) {
      await turn()
      await turn()
      expect(isDrained).toBe(false)
      database.batches[index]!.end()
    }
    await drained
    expect(await answers).toEqual([10, 20, 30])
  })
})
