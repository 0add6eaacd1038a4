import { query } from '@tributary/database'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Request } from '../src/domain/request.ts'
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
import { newCoverage } from './model/coverage.ts'
import { brokenInvariants } from './model/invariants.ts'
import { type Moved, newModel, type Predicted } from './model/model.ts'
import { postBatchOf } from './model/post-batch-of.ts'
import { type Ledger, openLedger } from './rig.ts'

const coverage = newCoverage()

/** Works a batch and compares all there is with the model; answers what has to come again. */
async function work({ ledger, model, seen }: Judged, batch: Batch): Promise<Request[]> {
  const { db } = ledger.database
  const { requests, statuses } = await postBatchOf(ledger.db, batch)
  const predicted = requests.map((request): Predicted => model.answer(request))
  for (const one of predicted) coverage.see(one)
  expect(asLines(requests, statuses)).toEqual(
    asLines(
      requests,
      predicted.map(({ status }) => status),
    ),
  )
  expect(await newTransfers(db, seen)).toEqual(predicted.flatMap(({ moves }) => moves))
  expect(await newSayings(db, seen)).toEqual(
    requests.flatMap((request, index) => sayingsOf(request, predicted[index]!.status, predicted[index]!.moves)),
  )
  await expectSameBalances(db, model)
  await expectSamePositions(db, model)
  expect(await brokenInvariants(db)).toEqual([])
  return requests.filter((_, index) => predicted[index]!.status.endsWith('_yet'))
}

/** As the broker would bring it: again and again, until nothing of it moves any more. */
async function workAgain(judged: Judged, early: readonly Request[]): Promise<void> {
  for (let waiting = [...early]; waiting.length > 0; ) {
    const [batch, rest] = [waiting.slice(0, BATCH_MAX), waiting.slice(BATCH_MAX)]
    const still = await work(judged, { way: 'command', requests: batch })
    if (still.length === batch.length) return
    waiting = [...rest, ...still]
  }
}

const BATCH_MAX = 50

type Judged = Readonly<{ ledger: Ledger } & Pick<Awaited<ReturnType<typeof judged>>, 'model' | 'seen'>>
const judged = async () => ({ ledger: await openLedger(), model: newModel(), seen: nothingSeen() })

const asLines = (requests: readonly Request[], statuses: readonly string[]) =>
  requests.map((request, index) => `${request.kind} ${request.causeId}: ${statuses[index]}`)

test('whatever is asked, in whichever batches, every answer, transfer, balance and message is as the model says', async () => {
  const books = [await judged()]
  let runs = 0
  await fc.assert(
    fc.asyncProperty(drawnBatches, async (drawn) => {
      // Some runs go on in the same books, with users of their own: what one left must not matter to the next. New ones now
      // and then, since every step looks at all of them.
      if (++runs % 5 === 0) books.push(await judged())
      const early: Request[] = []
      for (const batch of toBatches(drawn)) early.push(...(await work(books.at(-1)!, batch)))
      await workAgain(books.at(-1)!, early)
    }),
    { numRuns: 26 },
  )
  const [{ ledger }] = books as [Judged]
  const movements = 'select kind, debit_kind as from, credit_kind as to from permitted_movements'
  coverage.expectAll(await query<Pick<Moved, 'kind' | 'from' | 'to'>>(ledger.database.db, movements))
  for (const { ledger: each } of books) {
    const { checks } = await verifyBooks(each.db)
    // Asked for without the ways in that keep the request, too.
    const comparable = checks.filter(({ name }) => !requestChecks.some((check) => check.name === name))
    expect(comparable.filter(({ status }) => status !== 'passed')).toEqual([])
  }
}, 180_000)
