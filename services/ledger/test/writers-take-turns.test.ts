import { query } from '@tributary/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestChecks } from '../src/store/checks/requests.ts'
import { verifyBooks } from '../src/store/verify-books.ts'
import { type Batch, drawnBatches, toBatches } from './model/commands.ts'
import {
  expectSameBalances,
  expectSamePositions,
  newSayings,
  newTransfers,
  nothingSeen,
  sayingsOf,
} from './model/compare.ts'
import { brokenInvariants } from './model/invariants.ts'
import { newModel } from './model/model.ts'
import { type Answered, postBatchOf } from './model/post-batch-of.ts'
import { openLedger } from './rig.ts'

/**
 * Several writers at once end as if one had done it all, in the order in which the ledger recorded their batches: the model
 * is given the batches in that order, and has to give every writer the answers that it got.
 */
test('what several writers do at once is what one would have done in the recorded order', async () => {
  const { db, database } = await openLedger()
  const model = newModel()
  const seen = nothingSeen()
  let met = 0

  await fc.assert(
    fc.asyncProperty(drawnBatches, fc.integer({ min: 2, max: 4 }), async (drawn, writers) => {
      // Each batch is brought by two of them, as after a lost acknowledgement, so that they fight for the same causes.
      const batches = toBatches(drawn)
      const answered = await Promise.all(
        Array.from({ length: writers }, (_, writer) =>
          workOff(batches.filter((_batch, index) => index % writers === writer || (index + 1) % writers === writer)),
        ),
      )
      met += turnsTaken(answered)
      const moves = []
      const sayings = []
      for (const { requests, statuses } of inRecordedOrder(answered.flat())) {
        const predicted = requests.map((request) => model.answer(request))
        expect(statuses).toEqual(predicted.map(({ status }) => status))
        moves.push(...predicted.flatMap((one) => one.moves))
        sayings.push(...predicted.flatMap((one, index) => sayingsOf(requests[index]!, one.status, one.moves)))
      }
      expect(await newTransfers(database.db, seen)).toEqual(moves)
      expect(await newSayings(database.db, seen)).toEqual(sayings)
      await expectSameBalances(database.db, model)
      await expectSamePositions(database.db, model)
      expect(await brokenInvariants(database.db)).toEqual([])
    }),
    { numRuns: 15 },
  )
  // They were at it at the same time, or this has tested nothing.
  expect(met).toBeGreaterThan(50)
  const { checks } = await verifyBooks(db)
  // Asked for without the ways in that keep the request, too.
  const comparable = checks.filter(({ name }) => !requestChecks.some((check) => check.name === name))
  expect(comparable.filter(({ status }) => status !== 'passed')).toEqual([])
  expect(
    await query(
      database.db,
      `select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    ),
  ).toEqual([])

  async function workOff(batches: readonly Batch[]): Promise<Answered[]> {
    const done: Answered[] = []
    for (const batch of batches) done.push(await postBatchOf(db, batch))
    return done
  }
}, 180_000)

/** By the batch of the chain that each ended with; what wrote nothing saw the books as the batch before it left them. */
function inRecordedOrder(answered: readonly Answered[]): Answered[] {
  return answered.toSorted((one, other) => {
    if (one.upTo !== other.upTo) return one.upTo < other.upTo ? -1 : 1
    return Number(other.wrote) - Number(one.wrote)
  })
}

/** How often the pen passed from one writer to another. */
function turnsTaken(answered: readonly (readonly Answered[])[]): number {
  const order = answered
    .flatMap((list, writer) => list.filter(({ wrote }) => wrote).map(({ upTo }) => ({ upTo, writer })))
    .toSorted((one, other) => Number(one.upTo - other.upTo))
  return order.filter(({ writer }, index) => index > 0 && order[index - 1]?.writer !== writer).length
}
